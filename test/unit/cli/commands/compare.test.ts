import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { threeBrokers } from '../../../support/known-evidence.ts';
import { writeRecordedRun } from '../../../support/recorded-run.ts';
import { runWords } from '../../../support/run-words.ts';

/** Forty slightly different seconds; the last tenth of the messages is slower by a factor. */
const runOf = (factor: number, rate = 100, differs = (second: number) => (7 * second) % 10) =>
  writeRecordedRun({
    steps: [{ rate, seconds: 40, latency: (n, second) => (0.01 + differs(second) / 1e5) * (n < 90 ? 1 : factor) }],
  });

test('a run that is slower than allowed exits with 6 and states why', async () => {
  await using before = await runOf(2);
  await using after = await runOf(3);
  const words = ['compare', before.directory, after.directory];
  const plain = await runWords(...words);
  expect([plain.exitCode, plain.stderr]).toEqual([0, '']);
  expect(plain.stdout).toMatch(/^100 msg\/s \(step 1 of A, step 1 of B\)\n {2}p50: no difference seen/);
  expect(plain.stdout).toMatch(/p99: B is slower by 50%/);
  const gated = await runWords(...words, '--fail-if-worse', '20%', '--json');
  expect(gated.exitCode).toBe(6);
  expect(gated.stderr).toMatch(/^worse than allowed in step 1 of B: p99: B is slower by 50%/);
  expect(JSON.parse(gated.stdout)).toMatchObject({ windowSeconds: 5, worse: [{ step: 1, figure: 'p99' }] });
  expect((await runWords(...words, '--fail-if-worse', '60%')).exitCode).toBe(0);
  expect((await runWords(...words, '--fail-if-worse', '250%')).exitCode).toBe(0);
});

test('a step with too few windows is not checked even if another step is', async () => {
  const run = () =>
    writeRecordedRun({
      steps: [
        { rate: 100, seconds: 40, latency: (n, second) => (0.01 + ((7 * second) % 10) / 1e5) * (n < 90 ? 1 : 2) },
        { rate: 200, seconds: 8, latency: () => 0.01 },
      ],
    });
  await using a = await run();
  await using b = await run();
  const gated = await runWords('compare', a.directory, b.directory, '--fail-if-worse', '20%');
  expect(gated.stderr).toContain('not checked: step 2 of B: too few windows to compare\n');
  expect(gated.exitCode).toBe(3);
});

test('short steps need no check if B sustained the safe maximum of A', async () => {
  const rates = [395, 790, 1184, 1480, 1908];
  await using b = await writeRecordedRun({
    steps: [...rates.map((rate) => ({ rate, seconds: 8 })), { rate: 2300, seconds: 14 }],
  });
  const gated = await runWords('compare', 'examples/load-test', b.directory, '--fail-if-worse', '20%');
  expect(gated.stdout).toContain('too few windows');
  expect([gated.exitCode, gated.stderr]).toEqual([0, '']);
});

test('a difference that may be chance because of correlated windows exits with 3', async () => {
  const rises = (second: number) => second;
  await using before = await runOf(2, 100, rises);
  await using after = await runOf(3, 100, rises);
  const gated = await runWords('compare', before.directory, after.directory, '--fail-if-worse', '20%', '--json');
  expect(gated.stderr).toMatch(/^not checked: step 1 of B: p99: B is slower by 50% .*may be chance/);
  expect([gated.exitCode, JSON.parse(gated.stdout)]).toMatchObject([3, { worse: [] }]);
});

test('rejects runs without a common rate, and lists the rates of each', async () => {
  await using a = await runOf(1, 100);
  await using b = await runOf(1, 200);
  const { exitCode, stderr } = await runWords('compare', a.directory, b.directory);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('rates of A: 100; of B: 200')]);
});

test('rejects a run without its journal, and names the journal', async () => {
  await using a = await runOf(1);
  await using b = await runOf(1);
  const journal = join(b.directory, 'journal.ndjson');
  await rm(journal);
  const { exitCode, stderr } = await runWords('compare', a.directory, b.directory);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`cannot read ${journal}: no such file`)]);
});

test.each([
  ['compare runs/a', 'compare takes two runs or analyses'],
  ['compare nowhere nowhere', 'no such folder'],
  ['compare a b --fail-if-worse much', '--fail-if-worse: "much" is not a share, such as 70%'],
  ['compare examples/founding-70k examples/founding-70k', 'has manually entered readings'],
])('rejects %s', async (words, message) => {
  const { exitCode, stderr } = await runWords(...words.split(' '));
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test('names the analysis with the lower safe maximum, and shows the difference once', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-compare-'));
  const { safeMaxTps } = threeBrokers;
  if (safeMaxTps.kind !== 'predicted') throw new Error(safeMaxTps.kind);
  const { tps, estimateTps, interval } = safeMaxTps;
  const half = { ...interval, low: interval.low / 2, high: (interval.high ?? interval.low) / 2 };
  const lower = { ...safeMaxTps, tps: tps / 2, estimateTps: estimateTps / 2, interval: half };
  const [a, b] = [join(folder.path, 'a.json'), join(folder.path, 'b.json')];
  await writeFile(a, JSON.stringify(threeBrokers));
  await writeFile(b, JSON.stringify({ ...threeBrokers, safeMaxTps: lower }));
  expect((await runWords('compare', a, b)).stdout).toMatch(/^safe maximum: lower for B, -50% \(-\d/);
  expect((await runWords('compare', b, a)).stdout).toMatch(/^safe maximum: higher for B, \+100% \(\+\d/);
});

test('the safe maximum of an observed load is the share that the policy allows', async () => {
  const readings = 'test/fixtures/analyses/readings.json';
  const { exitCode, stdout } = await runWords('compare', readings, readings);
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining(': B 56,000 msg/s, A 56,000 msg/s\n')]);
});

test('a limit that cannot be checked exits with 3: B has no safe maximum, or lacks a step', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-compare-'));
  const [known, unknown] = [join(folder.path, 'known.json'), join(folder.path, 'unknown.json')];
  const safeMaxTps = { kind: 'at-least', tps: 1, reason: 'no-limit-reached' };
  await writeFile(known, JSON.stringify(threeBrokers));
  await writeFile(unknown, JSON.stringify({ ...threeBrokers, safeMaxTps }));
  const gated = await runWords('compare', known, unknown, '--fail-if-worse', '5%');
  expect([gated.exitCode, gated.stderr]).toEqual([3, expect.stringContaining('not checked: safe maximum: not comp')]);
  expect((await runWords('compare', known, unknown)).exitCode).toBe(0);
  // The safe maximum of B is unknown, but B sustained that of A.
  const { interval } = threeBrokers.safeMaxTps as { interval: { high: number } };
  await writeFile(unknown, JSON.stringify({ ...threeBrokers, safeMaxTps: { ...safeMaxTps, tps: interval.high } }));
  expect((await runWords('compare', known, unknown, '--fail-if-worse', '5%')).exitCode).toBe(0);

  const steps = [100, 200].map((rate) => ({ rate, seconds: 40 }));
  await using whole = await writeRecordedRun({ steps });
  await using short = await writeRecordedRun({ steps: steps.slice(0, 1) });
  const lacking = await runWords('compare', whole.directory, short.directory, '--fail-if-worse', '50%');
  expect([lacking.exitCode, lacking.stderr]).toEqual([3, 'not checked: step 2 of A has no counterpart in B\n']);
  expect((await runWords('compare', short.directory, whole.directory, '--fail-if-worse', '50%')).exitCode).toBe(0);
});

test('drifted settings expire a verdict', async () => {
  const fixtures = 'test/fixtures/recorded-runs';
  const same = await runWords('compare', `${fixtures}/find-safe`, `${fixtures}/find-safe`, '--drift');
  expect([same.exitCode, same.stdout]).toEqual([0, 'no setting differs: the verdict of A holds\n']);
  const other = await runWords('compare', `${fixtures}/find-safe`, `${fixtures}/closed-loop`, '--drift', '--json');
  expect(other.exitCode).toBe(6);
  expect(JSON.parse(other.stdout)).toMatchObject({
    drift: expect.arrayContaining([{ setting: 'client.messageBytes', a: '10240', b: '500' }]),
  });
});
