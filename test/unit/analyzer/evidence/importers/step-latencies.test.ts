import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { importRun } from '../../../../../analyzer/evidence/importers/bundle.ts';
import { measureStep } from '../../../../../analyzer/verdict/steps/measured-step.ts';
import type { JournalLine } from '../../../../../core/documents/run-bundle.ts';
import { linkBound } from '../../../../truth/world/calm-clusters.ts';
import { writeBundle } from '../../../../truth/world/world-bundle.ts';

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'plimsoll-latencies-')), 'run');
  await writeBundle(folder, {
    ...linkBound(1),
    steps: [{ targetTps: 1000, durationSeconds: 102 }],
    warmUpSeconds: 0,
  });
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

/** A histogram of `messages` with this latency, and `late` with half a second. */
function histogramOf(messages: number, seconds: number, late = 0): string {
  const histogram = build({ numberOfSignificantValueDigits: 3, highestTrackableValue: 3_600_000_000 });
  histogram.recordValueWithCount(seconds * 1e6, messages);
  if (late > 0) histogram.recordValueWithCount(500_000, late);
  return encodeIntoCompressedBase64(histogram);
}

/** Changes journal seconds so that only half is acknowledged, half a second late. */
async function slow(isSlow: (second: number) => boolean): Promise<void> {
  const file = join(folder, 'journal.ndjson');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const changed = lines.map((text) => {
    const line = JSON.parse(text) as JournalLine;
    if (line.kind !== 'produced' || !isSlow(line.elapsedSeconds - line.intervalSeconds / 2)) return text;
    const acknowledged = Math.floor(line.acknowledged / 2);
    const latency = histogramOf(acknowledged, 0.5);
    return JSON.stringify({ ...line, acknowledged, latency, ...(line.service && { service: latency }) });
  });
  await writeFile(file, changed.map((line) => `${line}\n`).join(''));
}

async function measured() {
  const result = await importRun(folder, { settleSeconds: 2 });
  if (result.origin !== 'load-test') throw new Error(result.origin);
  const [recorded] = result.run.steps;
  if (recorded === undefined) throw new Error('no step');
  return measureStep(result.run, recorded, 2);
}

test('latencies exclude the same warm-up as the rate', async () => {
  await slow((second) => second < 22);
  const { window, tps, recorded } = await measured();
  expect(window.from).toBe(22);
  expect(tps).toBeCloseTo(1000, -1);
  expect(recorded.latencySeconds?.max).toBeLessThan(0.1);
  expect(recorded.latencyMeanSeconds).toBeLessThan(0.01);
});

test('slow seconds within the window count in either half of the step', async () => {
  await slow((second) => (second > 30 && second < 33) || (second > 90 && second < 93));
  const { window, recorded } = await measured();
  expect(window.from).toBeLessThanOrEqual(30);
  expect(recorded.latencySeconds?.p99).toBeCloseTo(0.5, 2);
});

test('seconds after a guard stopped the load do not count', async () => {
  const file = join(folder, 'journal.ndjson');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  await slow((second) => second > 81);
  const slowed = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const at = lines.findIndex((line) => (JSON.parse(line) as JournalLine).elapsedSeconds >= 81.5);
  const guard = { kind: 'guard', elapsedSeconds: 81, input: 'iowait', reason: 'iowait of broker-1', ends: 'run' };
  await writeFile(
    file,
    [...slowed.slice(0, at), JSON.stringify(guard), ...slowed.slice(at)].map((line) => `${line}\n`).join(''),
  );
  const { window, recorded } = await measured();
  expect(window.to).toBe(81);
  expect(recorded.latencySeconds?.max).toBeLessThan(0.1);
});

test('end-to-end latency is that of the slowest group, not of all groups together', async () => {
  folder = join(folder, '..', 'two-groups');
  const steps = [{ targetTps: 1000, durationSeconds: 102 }];
  await writeBundle(folder, { ...linkBound(1), groups: 2, steps, warmUpSeconds: 0 });
  const file = join(folder, 'journal.ndjson');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  const changed = lines.map((text) => {
    const line = JSON.parse(text) as JournalLine;
    if (line.kind !== 'consumed' || line.group !== 'group-1') return text;
    // 0.75% of the messages of both groups.
    const late = Math.ceil(0.015 * line.messages);
    return JSON.stringify({ ...line, endToEnd: histogramOf(line.messages - late, 0.005, late) });
  });
  await writeFile(file, changed.map((line) => `${line}\n`).join(''));
  const { recorded } = await measured();
  expect(recorded.endToEndSeconds?.p99).toBeCloseTo(0.5, 2);
  expect(recorded.endToEndSeconds?.p50).toBeLessThan(0.1);
});
