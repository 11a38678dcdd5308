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

test('processing time and partitions of a group limit the load, even before the group lags', () => {
  const { safeMaxTps, saturationTps } = analyzed(0.001);
  expect(saturationTps).toMatchObject({
    kind: 'predicted',
    estimateTps: 6000,
    limitedBy: { slo: 'consumer-lag', group: 'run-slow' },
  });
  expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { slo: 'consumer-lag', group: 'run-slow' } });
  expect(safeMaxTps.kind === 'predicted' && safeMaxTps.tps).toBeCloseTo(5400, 0);
});

test('a group that is fast enough does not change the saturation rate', () => {
  expect(analyzed(0.0001).saturationTps).toEqual(analyzed().saturationTps);
});

test('a group far from its limit does not change the safe maximum', () => {
  expect(analyzed(0.000_5).safeMaxTps).toEqual(analyzed().safeMaxTps);
});

test('the saturation rate is not below a rate that the group kept up with', () => {
  const { saturationTps } = analyzed(0.0016);
  expect(saturationTps.kind === 'predicted' && saturationTps.estimateTps).toBeGreaterThanOrEqual(3990);
});
