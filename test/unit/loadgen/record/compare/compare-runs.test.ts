import { expect, test } from 'vitest';
import { compareRuns, mayBeChance, worseBy } from '../../../../../loadgen/record/compare/compare-runs.ts';
import { comparisonLines } from '../../../../../cli/commands/compare.ts';
import { readStepWindows, type StepWindows } from '../../../../../loadgen/record/compare/step-windows.ts';
import { drawOf } from '../../../../../loadgen/plan/messages/draw.ts';
import { recordedLines, type RecordedStep } from '../../../../support/recorded-run.ts';

/** Windows whose values vary by a tenth around the given ones. */
function windowsAround(seed: number, { count, p99 = 0.01 }: { count: number; p99?: number }): StepWindows {
  const draw = drawOf(seed, 77);
  let drawn = 0;
  const around = (value: number) => Array.from({ length: count }, () => value * (0.95 + 0.1 * draw(drawn++)));
  const figures = {
    p50: around(0.002),
    p99: around(p99),
    achievedTps: around(1000),
    cpuSecondsPerMessage: around(1e-5),
  };
  return { step: 1, targetTps: 1000, figures };
}

const findings = (a: StepWindows, b: StepWindows) =>
  compareRuns([a], [b]).steps[0]?.figures.map(({ finding }) => finding);

test('a significantly slower run is reported with its confidence interval', () => {
  const comparison = compareRuns([windowsAround(1, { count: 12 })], [windowsAround(2, { count: 12, p99: 0.0112 })]);
  const line = comparisonLines(comparison, 5).find((text) => text.includes('p99'));
  expect(line).toMatch(
    /^ {2}p99: B is slower by 1[0-5]% \((\d|1\d)(\.\d)?% to (1\d|20)%\), B 11\.\d ms, A (9\.\d+|10(\.\d)?) ms, p = /,
  );
  expect(worseBy(comparison, 0.05)).toMatchObject([{ step: 1, figure: 'p99' }]);
  expect(worseBy(comparison, 0.2)).toEqual([]);
});

test('a difference between runs with correlated windows is reported as uncertain', () => {
  const drifting = (from: number) => ({
    ...windowsAround(1, { count: 12 }),
    figures: {
      ...windowsAround(1, { count: 12 }).figures,
      p99: Array.from({ length: 12 }, (_, index) => from * (1 + index / 100)),
    },
  });
  const comparison = compareRuns([drifting(0.01)], [drifting(0.02)]);
  expect(worseBy(comparison, 0.05).map(mayBeChance)).toEqual([true]);
  const lines = comparisonLines(comparison, 5);
  expect(lines[2]).toMatch(
    /B is slower by 100% .*may be chance, since adjacent windows are correlated \((0\.[5-9]|1\.0)\)/,
  );
});

test('a faster run does not count as worse', () => {
  const comparison = compareRuns([windowsAround(1, { count: 12 })], [windowsAround(2, { count: 12, p99: 0.008 })]);
  expect(comparison.steps[0]?.figures[1]).toMatchObject({ figure: 'p99', finding: 'better' });
  expect(worseBy(comparison, 0)).toEqual([]);
});

test('one window against many has no spread, so no difference is reported', () => {
  const [one, many] = [windowsAround(1, { count: 1 }), windowsAround(2, { count: 200, p99: 0.05 })];
  const p99 = compareRuns([one], [many]).steps[0]?.figures[1];
  expect(p99).toEqual({ figure: 'p99', windows: { a: 1, b: 200 }, finding: 'too-few-windows', neededWindows: 5 });
});

test('too few windows give no finding, however different they are', () => {
  const comparison = compareRuns([windowsAround(1, { count: 4 })], [windowsAround(2, { count: 3, p99: 0.05 })]);
  expect(comparison.steps[0]?.figures[1]).toMatchObject({ finding: 'too-few-windows', neededWindows: 5 });
  expect(comparisonLines(comparison, 5)[2]).toContain('too few windows to compare (B 3, A 4; 5 of each are needed)');
  expect(comparisonLines(comparison, 5)).toContain('steps of 25 s would be enough, or shorter windows (--window)');
});

test('two identical runs are rarely reported as different', () => {
  let alarms = 0;
  for (let seed = 0; seed < 40; seed += 1) {
    const found = findings(windowsAround(2 * seed + 1, { count: 10 }), windowsAround(2 * seed + 2, { count: 10 }));
    if (found?.some((finding) => finding === 'worse' || finding === 'better')) alarms += 1;
  }
  expect(alarms).toBeLessThanOrEqual(3);
});

test('steps are matched by rate, in order, and unmatched steps are reported', () => {
  const at = (step: number, targetTps: number) => ({ ...windowsAround(step, { count: 3 }), step, targetTps });
  const { steps, unmatched } = compareRuns([at(1, 10), at(2, 20), at(3, 10)], [at(1, 10), at(2, 10), at(3, 30)]);
  expect(steps.map(({ steps }) => steps)).toEqual([
    { a: 1, b: 1 },
    { a: 3, b: 2 },
  ]);
  expect(unmatched).toEqual({ a: [2], b: [3] });
});

test('a window has separate percentiles, rate and cost, and incomplete windows are left out', async () => {
  const step: RecordedStep = {
    rate: 100,
    seconds: 17,
    latency: (n, second) => (n === 99 && second < 5 ? 0.5 : 0.01),
    achieved: 0.9,
    cpuPerMessage: 2e-5,
  };
  const slow: RecordedStep = { ...step, achieved: 1 };
  const lines = recordedLines({ steps: [slow, { rate: 0, seconds: 5 }], warmUpSeconds: 3, workers: ['a'] });
  const windows = await readStepWindows(lines, 5);
  expect(windows).toHaveLength(1);
  expect(windows[0]).toMatchObject({ step: 1, targetTps: 100 });
  const { figures } = windows[0] as StepWindows;
  expect(figures.p50.map((value) => value.toFixed(3))).toEqual(['0.010', '0.010', '0.010']);
  expect(figures.achievedTps).toEqual([100, 100, 100]);
  expect(figures.cpuSecondsPerMessage.map((value) => value.toFixed(6))).toEqual(['0.000020', '0.000020', '0.000020']);
});

test('a step that was cut off is not compared', async () => {
  const lines = recordedLines({
    steps: [
      { rate: 10, seconds: 20 },
      { rate: 20, seconds: 20 },
    ],
    end: 'killed',
  });
  expect((await readStepWindows(lines, 5)).map(({ targetTps }) => targetTps)).toEqual([10]);
});
