import { expect, test } from 'vitest';
import { readCommits } from '../../../../../brokers/kafka/reading/commits.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';
import { untilAborted } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';

const groups = ['billing', 'shipping', 'audit'].map((name) => ({ name }));

/** A broker of Kafka 2.4 to 2.8. */
function linkOf(answer: (...question: [string, { signal: AbortSignal }, unknown, unknown]) => Promise<unknown>): Link {
  const ask = answer as unknown as Link['ask'];
  return { address: 'b:9092', ranges: new Map([['OffsetFetch', { min: 0, max: 7 }]]), ask, askForParts: ask };
}

/** A broker whose request budget is used up after this many groups. */
function oldBroker(answers: number, fault?: AppError): Link {
  return linkOf(async (_action, { signal }, _api, request) => {
    const [{ groupId }] = request as [{ groupId: string }];
    if (groups.findIndex(({ name }) => name === groupId) >= answers) {
      if (fault !== undefined) throw fault;
      return untilAborted(new Promise<never>(() => {}), signal);
    }
    const partitions = [{ partitionIndex: 0, committedOffset: 7n, errorCode: 0 }];
    return { errorCode: 0, topics: [{ name: 'orders', partitions }] };
  });
}
const io = (enoughMs: number) => ({
  signal: AbortSignal.timeout(5000),
  enough: AbortSignal.timeout(enoughMs),
});

test('returns the commits read in time, and how many groups are missing', async () => {
  const { value, refusals } = await readCommits(oldBroker(2), groups, io(50));
  expect([...value.keys()]).toEqual(['billing', 'shipping']);
  const why = 'brokers before Kafka 3.0 answer for one group at a time';
  expect(refusals).toEqual([`commits of groups not read in time (1): ${why}`]);
});

test('reports no refusal if all groups were read in time', async () => {
  expect((await readCommits(oldBroker(3), groups, io(5000))).refusals).toEqual([]);
});

test('requests the commits of at most 64 groups at once', async () => {
  let [underWay, most] = [0, 0];
  const link = linkOf(async () => {
    most = Math.max(most, ++underWay);
    await new Promise(setImmediate);
    underWay--;
    return { errorCode: 0, topics: [] };
  });
  const many = Array.from({ length: 200 }, (_, index) => ({ name: `group-${index}` }));
  const { value } = await readCommits(link, many, io(5000));
  expect([value.size, most]).toEqual([200, 64]);
});

test("fails if no group was read in time, or with the broker's error", async () => {
  await expect(readCommits(oldBroker(0), groups, io(50))).rejects.toMatchObject({ name: 'TimeoutError' });
  const refused = new AppError('broker-refused', 'cannot read committed offsets: CLUSTER_AUTHORIZATION_FAILED');
  await expect(readCommits(oldBroker(2, refused), groups, io(5000))).rejects.toBe(refused);
});
