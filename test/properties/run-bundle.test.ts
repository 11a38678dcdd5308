// Checks the import of bundles, intact and damaged at any byte.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importRun } from '../../analyzer/evidence/importers/bundle.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import { AppError } from '../../core/errors.ts';
import { createLatencySum } from '../../core/statistics/latency-sum.ts';
import { fullMatrix } from '../support/prerequisites.ts';
import { linkBound } from '../truth/world/calm-clusters.ts';
import { writeBundle } from '../truth/world/world-bundle.ts';

let folder: string;
let journal: Buffer;
let document: Buffer;
let whole: LoadTestRun;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-torn-'));
  await writeBundle(folder, { ...linkBound(1), steps: [{ targetTps: 1000, durationSeconds: 6 }], warmUpSeconds: 0 });
  journal = await readFile(join(folder, 'journal.ndjson'));
  document = await readFile(join(folder, 'run.json'));
  whole = await imported();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function imported(): Promise<LoadTestRun> {
  const result = await importRun(folder, { settleSeconds: 2 });
  if (result.origin !== 'load-test') throw new Error(result.origin);
  return result.run;
}

const endsOfLines = (text: Buffer) => [...text.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at + 1] : []));

test('a journal truncated anywhere loses only the truncated line', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: journal.length }), async (at) => {
      await writeFile(join(folder, 'journal.ndjson'), journal.subarray(0, at));
      const run = await imported();
      // A record without its line end is still complete.
      const lines = [0, ...endsOfLines(journal)].filter((end) => end <= at + 1).length - 1;
      const kinds = journal
        .toString('utf8')
        .split('\n')
        .slice(0, lines)
        .map((line) => (JSON.parse(line) as { kind: string }).kind);
      const produced = kinds.filter((kind) => kind === 'produced').length;
      expect(run.produced).toEqual(whole.produced.slice(0, produced));
    }),
    { numRuns: fullMatrix ? 3000 : 60 },
  );
  await writeFile(join(folder, 'journal.ndjson'), journal);
});

test('a damaged bundle ends in an AppError or a run', async () => {
  const damage = fc.record({
    file: fc.constantFrom('journal.ndjson', 'run.json'),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ file, at, bytes }) => {
      const before = file === 'run.json' ? document : journal;
      const damaged = Buffer.from(before);
      damaged.set(bytes.subarray(0, before.length - Math.floor(at * before.length)), Math.floor(at * before.length));
      await writeFile(join(folder, file), damaged);
      const outcome: unknown = await importRun(folder, { settleSeconds: 2 }).catch((reason: unknown) => reason);
      await writeFile(join(folder, file), before);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppError);
      else expect(outcome).toHaveProperty('origin');
    }),
    { numRuns: fullMatrix ? 20_000 : 150 },
  );
});

test('merging histograms keeps every sample to three digits', () => {
  const samples = fc.array(fc.integer({ min: 1, max: 60_000_000 }), { minLength: 1, maxLength: 50 });
  fc.assert(
    fc.property(fc.array(samples, { minLength: 1, maxLength: 4 }), (workers) => {
      const merged = createLatencySum();
      for (const values of workers) {
        const histogram = build({ numberOfSignificantValueDigits: 3, highestTrackableValue: 3_600_000_000 });
        for (const value of values) histogram.recordValue(value);
        expect(merged.add(encodeIntoCompressedBase64(histogram))).toBe(values.length);
      }
      const all = workers.flat().sort((a, b) => a - b);
      const { p50 = 0, max = 0 } = merged.percentiles() ?? {};
      const median = all[Math.ceil(all.length / 2) - 1] ?? 0;
      expect(Math.abs(p50 * 1e6 - median)).toBeLessThanOrEqual(median / 1000 + 1);
      expect(Math.abs(max * 1e6 - (all.at(-1) ?? 0))).toBeLessThanOrEqual((all.at(-1) ?? 0) / 1000 + 1);
    }),
  );
});
