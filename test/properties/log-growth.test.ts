import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logGrowth, observeLogs, type KnownLogs } from '../../brokers/delta/log-growth.ts';
import type { ClusterSnapshot, Section } from '../../brokers/snapshot.ts';

/** Messages stored on each of three brokers between readings, and the result of each reading. */
const reading = fc.array(
  fc.record({ stored: fc.nat(1000), outcome: fc.constantFrom<Section['kind'][]>('fresh', 'kept', 'missing') }),
  { minLength: 3, maxLength: 3 },
);

test('growth sums to the messages stored between the first and last readings, despite missing readings', () => {
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 12 }), (course) => {
      const whole = course[0]?.map(({ stored }) => ({ stored, outcome: 'fresh' as const })) ?? [];
      const ends = [5000n, 0n, 7n];
      const shown = [...ends];
      const readAt = [0, 0, 0];
      let known: KnownLogs | undefined;
      let counted = 0;
      let stored = 0;
      for (const [step, brokers] of [whole, ...course, whole].entries()) {
        const atSeconds = step * 5;
        for (const [broker, { stored: messages, outcome }] of brokers.entries()) {
          ends[broker] = (ends[broker] ?? 0n) + BigInt(messages);
          if (step > 0) stored += messages;
          if (outcome !== 'fresh') continue;
          shown[broker] = ends[broker] ?? 0n;
          readAt[broker] = atSeconds;
        }
        const before = known;
        known = observeLogs({ atSeconds, snapshot: snapshotOf(brokers, shown, readAt, atSeconds) }, before);
        for (const growth of before === undefined ? [] : logGrowth(before, known)) {
          if (growth.kind === 'known') counted += growth.messages;
        }
      }
      expect(counted).toBe(stored);
    }),
  );
});

/** Makes a snapshot as an inspector does: a kept part has its last value and age, a missing one is empty. */
function snapshotOf(
  brokers: readonly { outcome: Section['kind'] }[],
  shown: readonly bigint[],
  readAt: readonly number[],
  atSeconds: number,
): ClusterSnapshot {
  return {
    cluster: { name: 'lab', kind: 'kafka', brokers: [] },
    topics: [
      {
        name: 'orders',
        internal: false,
        partitions: brokers.map((_, partition) => ({
          topic: 'orders',
          partition,
          leader: String(partition),
          replicas: [],
          inSyncReplicas: [],
        })),
      },
    ],
    offsets: brokers.flatMap(({ outcome }, partition) =>
      outcome === 'missing' ? [] : [{ topic: 'orders', partition, start: 0n, end: shown[partition] ?? 0n }],
    ),
    groups: [],
    sections: brokers.map(({ outcome: kind }, broker) => ({
      section: 'offsets',
      broker: String(broker),
      kind,
      ...(kind !== 'missing' && { ageSeconds: atSeconds - (readAt[broker] ?? 0) }),
    })),
  };
}
