import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { watchBackground } from '../../../cli/background-traffic.ts';
import { AppError } from '../../../core/errors.ts';
import { createSteppedClock } from '../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };

const ofEnds = (ends: Record<string, bigint>, start = 0n): ClusterSnapshot => ({
  cluster: { name: 'lab', kind: 'kafka', brokers: [] },
  topics: Object.keys(ends).map((name) => ({ name, internal: name.startsWith('__'), partitions: [] })),
  offsets: Object.entries(ends).map(([topic, end]) => ({ topic, partition: 0, start, end })),
  groups: [],
  sections: [],
});

/** Sampled once a second, as a run does. */
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

test('messages of other topics are counted over the time between two readings', async () => {
  const records = await sampled([ofEnds({ own: 0n, orders: 100n }), ofEnds({ own: 9000n, orders: 160n })], 8);
  expect(records).toMatchObject([{ kind: 'background', intervalSeconds: 5, messages: 60 }]);
});

test('a topic that is new counts from its beginning, and one made anew counts nothing', async () => {
  const records = await sampled([ofEnds({ orders: 100n }), ofEnds({ orders: 20n, fresh: 40n }, 10n)], 8);
  expect(records).toMatchObject([{ messages: 30 }]);
});

test('topics the brokers keep for themselves are nobody’s', async () => {
  const records = await sampled([ofEnds({ __consumer_offsets: 0n }), ofEnds({ __consumer_offsets: 500n })], 8);
  expect(records).toMatchObject([{ messages: 0 }]);
});

test('a reading that fails is told, and the next one counts over both', async () => {
  const refused = new AppError('broker-unreachable', 'cannot reach b:9092');
  const records = await sampled([ofEnds({ orders: 0n }), refused, ofEnds({ orders: 50n })], 13);
  expect(records).toMatchObject([
    { kind: 'error', source: 'background traffic of lab', code: 'broker-unreachable' },
    { kind: 'background', intervalSeconds: 10, messages: 50 },
  ]);
});
