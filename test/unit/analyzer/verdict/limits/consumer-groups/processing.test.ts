import { expect, test } from 'vitest';
import { analyzeRun } from '../../../../../../analyzer/verdict/analyze-run.ts';
import { readDefaultPolicy } from '../../../../../../core/policy/policy.ts';
import { plainRun } from '../../../../../support/load-test-run.ts';

const policy = readDefaultPolicy();

function analyzed(secondsPerMessage?: number) {
  const run = plainRun({ rates: [1000, 2000, 3000, 4000] });
  const { workload } = run.document;
  const groupProcessing = secondsPerMessage === undefined ? [] : [{ group: 'run-slow', secondsPerMessage }];
  return analyzeRun(
    { ...run, document: { ...run.document, workload: { ...workload, groups: 1, partitions: 6, groupProcessing } } },
    policy,
  );
}

test('a group that works on each message limits the load by its partitions, also before it is behind', () => {
  const { safeMaxTps, saturationTps } = analyzed(0.001);
  expect(saturationTps).toMatchObject({
    kind: 'predicted',
    estimateTps: 6000,
    limitedBy: { slo: 'consumer-lag', group: 'run-slow' },
  });
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { slo: 'consumer-lag', group: 'run-slow' } });
  expect(safeMaxTps.kind === 'predicted' && safeMaxTps.tps).toBeCloseTo(5400, 0);
});

test('a group that is fast enough changes nothing', () => {
  expect(analyzed(0.0001).saturationTps).toEqual(analyzed().saturationTps);
});

test('a group that is far from its limit is one beyond reach', () => {
  expect(analyzed(0.000_5).safeMaxTps).toEqual(analyzed().safeMaxTps);
});

test('a rate that a group kept up with is not above its limit', () => {
  const { saturationTps } = analyzed(0.0016);
  expect(saturationTps.kind === 'predicted' && saturationTps.estimateTps).toBeGreaterThanOrEqual(3990);
});
