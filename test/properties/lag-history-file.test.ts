import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHistory, writeHistory } from '../../exporter/lag/history-file.ts';
import { createTrackedPartitions } from '../../exporter/lag/tracked-partitions.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-history-'));
  file = join(folder, 'history');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const now = new Date('2026-01-01T12:00:00Z');
const head = { savedAtMs: now.getTime(), aheadOfWallSeconds: 0, clusterId: 'c1' };

/** Realistic names, and increasing end offsets. */
const partitions = fc.uniqueArray(
  fc.record({
    topic: fc.string(),
    broker: fc.constantFrom('', 'broker-a', 'broker "b"'),
    partition: fc.nat(100_000),
    arrivals: fc.array(fc.nat(1000), { minLength: 1, maxLength: 60 }),
  }),
  { maxLength: 20, selector: ({ topic, broker, partition }) => JSON.stringify([topic, broker, partition]) },
);

function track(all: readonly { topic: string; broker: string; partition: number; arrivals: readonly number[] }[]) {
  const tracked = createTrackedPartitions();
  for (const { topic, broker, partition, arrivals } of all) {
    const slot = tracked.slot(tracked.topic(topic, `id of ${topic}`, 0), broker, partition);
    if (slot === undefined) throw new Error('no slot');
    let end = 0;
    for (const [index, arrived] of arrivals.entries()) tracked.history.observe(slot, 15 * index, (end += arrived));
  }
  return tracked;
}

const contentOf = ({ topics, history }: ReturnType<typeof createTrackedPartitions>) =>
  [...topics].map(([topic, { id, slots }]) => [
    topic,
    id,
    [...slots].map(([broker, byPartition]) => [
      broker,
      [...byPartition].map(([partition, slot]) => [partition, [...history.points(slot)]]),
    ]),
  ]);

test('concurrent writers, as during a config reload, leave one complete file', async () => {
  const [one] = fc.sample(partitions, 1);
  await Promise.all([1, 2, 3].map(() => writeHistory(file, head, track(one ?? []))));
  expect(readHistory(file, now, createTrackedPartitions())).toEqual({ kind: 'read', head });
  expect(readdirSync(folder)).toEqual(['history']);
});

test('a written history is read back', async () => {
  await fc.assert(
    fc.asyncProperty(partitions, async (all) => {
      const written = track(all);
      await writeHistory(file, head, written);
      const read = createTrackedPartitions();
      expect(readHistory(file, now, read)).toEqual({ kind: 'read', head });
      expect(contentOf(read)).toEqual(contentOf(written));
    }),
    { numRuns: 50 },
  );
});

test('a truncated or changed file is not used, and leaves no partitions', async () => {
  await writeHistory(file, head, track([{ topic: 'orders', broker: '', partition: 0, arrivals: [5, 6, 7] }]));
  const bytes = readFileSync(file);
  const spoiled = join(folder, 'spoiled');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, change, isCut) => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ change;
      writeFileSync(spoiled, isCut ? bytes.subarray(0, at) : copy);
      const tracked = createTrackedPartitions();
      expect(readHistory(spoiled, now, tracked).kind).toBe('unusable');
      expect(tracked.topics.size).toBe(0);
    }),
  );
});
