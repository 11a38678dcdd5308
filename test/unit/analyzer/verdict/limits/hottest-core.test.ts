import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun, withIntervals } from '../../../../support/load-test-run.ts';

const rates = [1000, 2000, 3000, 4000, 5000];

/** Of 16 cores, which all together allow 8,600 msg/s. */
function withHottest(core: (tps: number, second: number) => { share: number; index?: number }) {
  const run = plainRun({ rates, cores: 16, coreSecondsPerMessage: 1e-3, linkBytesPerSecond: 1.25e8 });
  const read = withIntervals(run, ({ cpu, ...interval }) => {
    const { share: hottestCore, index } = core(rates[Math.floor(interval.from / 12)] ?? 0, interval.from);
    const hottest = { hottestCore, ...(index !== undefined && { hottestIndex: index }) };
    return { ...interval, ...(cpu && { cpu: { ...cpu, ...hottest } }) };
  });
  const { safeMaxTps, findings } = analyzeRun(read, examplePolicy());
  return { safeMaxTps, found: findings.filter(({ code }) => code === 'hottest-core').map(({ message }) => message) };
}

test('nothing is predicted at which one thread, on the same core throughout, would need more than its core', () => {
  const { safeMaxTps, found } = withHottest((tps) => ({ share: 1.9e-4 * tps, index: 3 }));
  expect(safeMaxTps).toEqual({ kind: 'at-least', tps: 5000, reason: 'no-limit-reached' });
  expect(found).toEqual([expect.stringMatching(/95% busy .* At the predicted maximum it would need 163%/)]);
});

test.each([
  [
    'another core is the hottest each second',
    (tps: number, second: number) => ({ share: 1.9e-4 * tps, index: second % 16 }),
  ],
  ['the source does not number its cores', (tps: number) => ({ share: 1.9e-4 * tps })],
  [
    'a thread keeps its core busy at any rate',
    (_: number, second: number) => ({ share: 0.95 + 0.001 * (second % 7), index: 3 }),
  ],
  ['the core has room', (tps: number) => ({ share: 0.6e-4 * tps, index: 3 })],
])('the CPU as a whole is the limit if %s', (_, core) => {
  const { safeMaxTps } = withHottest(core);
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { resource: 'cpu' } });
});
