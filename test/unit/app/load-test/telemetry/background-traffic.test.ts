import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../../brokers/snapshot.ts';
import { watchBackground } from '../../../../../app/load-test/telemetry/background-traffic.ts';
import { AppError } from '../../../../../core/errors.ts';
import { createSteppedClock } from '../../../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };

/** @param ends end offset by topic; undefined for a listed topic whose broker did not answer */
const ofEnds = (ends: Record<string, bigint | undefined>): ClusterSnapshot => ({
  cluster: { name: 'lab', kind: 'kafka', brokers: [] },
  topics: Object.keys(ends).map((name) => ({
    name,
    id: `id of ${name}`,
    internal: name.startsWith('__'),
    partitions: [{ topic: name, partition: 0, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] }],
  })),
  offsets: Object.entries(ends).flatMap(([topic, end]) =>
    end === undefined ? [] : [{ topic, partition: 0, start: 0n, end }],
  ),
  groups: [],
  sections: [],
});

/** Returns samples taken once a second, as in a run. */
async function sampled(snapshots: (ClusterSnapshot | Error)[], samples: number) {
  const clock = createSteppedClock();
  const inspector = {
    snapshot: async () => {
      const next = snapshots.shift();
      if (next === undefined || next instanceof Error) throw next ?? new Error('asked too often');
      return next;
    },
  };
  const background = watchBackground('lab', inspector, ['own'], clock);
  const records = [];
  for (let second = 0; second < samples; second++) {
    records.push(background.sample(() => clock.monotonic(), io));
    await clock.advance(1);
  }
  return records.filter((record) => record !== undefined);
}

test('counts messages of other topics between two readings', async () => {
  const records = await sampled([ofEnds({ own: 0n, orders: 100n }), ofEnds({ own: 9000n, orders: 160n })], 8);
  expect(records).toMatchObject([{ kind: 'background', intervalSeconds: 5, messages: 60 }]);
});

test('a topic that becomes visible or is re-created does not add its stored messages', async () => {
  const records = await sampled(
    [ofEnds({ orders: 100n, pay: 4n }), ofEnds({ orders: 20n, pay: 9n, visible: 5_200_000_000n })],
    8,
  );
  expect(records).toMatchObject([{ messages: 5 }]);
});

test('ignores internal topics of the brokers', async () => {
  const records = await sampled([ofEnds({ __consumer_offsets: 0n }), ofEnds({ __consumer_offsets: 500n })], 8);
  expect(records).toMatchObject([{ messages: 0 }]);
});

test('a missing reading of one broker neither adds its retained log nor hides messages of that time', async () => {
  const records = await sampled(
    [
      ofEnds({ orders: 1_000_000n, pay: 10n }),
      ofEnds({ orders: undefined, pay: 20n }),
      ofEnds({ orders: 1_000_070n, pay: 30n }),
    ],
    13,
  );
  expect(records).toMatchObject([{ kind: 'background', intervalSeconds: 10, messages: 90 }]);
});

test('a broker that is unreadable for long does not hide others, and its messages are counted on its return', async () => {
  const away = (pay: bigint) => ofEnds({ orders: undefined, pay });
  const records = await sampled(
    [ofEnds({ orders: 500n, pay: 0n }), away(1n), away(2n), away(3n), away(4n), ofEnds({ orders: 800n, pay: 5n })],
    28,
  );
  expect(records).toMatchObject([
    { intervalSeconds: 20, messages: 4 },
    { intervalSeconds: 5, messages: 301 },
  ]);
});

test('a log whose first reading is missing has no known growth', async () => {
  const records = await sampled([ofEnds({ orders: undefined, pay: 0n }), ofEnds({ orders: 900n, pay: 3n })], 8);
  expect(records).toMatchObject([{ messages: 3 }]);
});

test('reports a failed reading, and the next reading covers both intervals', async () => {
  const refused = new AppError('broker-unreachable', 'cannot reach b:9092');
  const records = await sampled([ofEnds({ orders: 0n }), refused, ofEnds({ orders: 50n })], 13);
  expect(records).toMatchObject([
    { kind: 'error', source: 'background traffic of lab', code: 'broker-unreachable' },
    { kind: 'background', intervalSeconds: 10, messages: 50 },
  ]);
});
