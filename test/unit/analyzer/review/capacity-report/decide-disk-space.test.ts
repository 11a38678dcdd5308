import { describe, expect, test } from 'vitest';
import type { GoCase } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import { measured, proven, recordedRun, soonConfirmed } from '../../../../support/go-case.ts';
import { codesOf, decisionOf, reasonOf, withDisks } from '../../../../support/go-decisions.ts';

describe('disk space', () => {
  const mostTps = withDisks.analysis.retention?.tps ?? NaN;
  const conditionOf = (change: Partial<GoCase>) =>
    decisionOf(change).conditions.find(({ condition }) => condition === 'disk-space');

  test('has to be enough for the average load over the retention, whatever rate was sustained', () => {
    expect(mostTps).toBeGreaterThan(400);
    expect(mostTps).toBeLessThan(600);
    const fitting = { measured: [withDisks], averageTps: 0.9 * mostTps };
    expect([codesOf(fitting), conditionOf(fitting)?.state]).toEqual([['proven'], 'holds']);
    const full = { measured: [withDisks], averageTps: 2 * mostTps };
    expect(decisionOf(full)).toMatchObject({ decision: 'no-go', reasons: [{ code: 'retention-below-average' }] });
    expect(reasonText(reasonOf(full, 'retention-below-average') as Reason, 'en')).toMatch(
      /^The disks keep messages for 3 days only up to an average of \d+ msg\/s\. .* is equivalent to \d[\d,]* msg\/s\.$/,
    );
    const closed = { ...full, plan: { probabilityEnough: 0.95 } };
    expect(codesOf(closed)).toEqual(['plan-closes-gap']);
    expect(reasonText(reasonOf(closed, 'plan-closes-gap') as Reason, 'en')).toMatch(
      /^The current cluster carries the peak, 1,000 msg\/s, but does not meet another condition/,
    );
  });

  test('is not limited by a redline test, whose retention is that of one broker', () => {
    const run = recordedRun();
    const redline = { broker: '1', clusterTps: 600, ledTps: { '1': 600 }, stepShare: 0.1, holdSeconds: 9, maxMoves: 9 };
    const { analysis, source } = measured({ ...run, document: { ...run.document, redline } }, soonConfirmed, 'redline');
    const { retention } = withDisks.analysis;
    const ofBroker = { source, analysis: { ...analysis, ...(retention && { retention }) } };
    expect(ofBroker.analysis.redline?.broker).toBe('1');
    expect(conditionOf({ measured: [proven, ofBroker], averageTps: 2 * mostTps })?.state).toBe('not-checked');
  });

  test('is not checked, and no NO-GO, if the retention or an average is unknown', () => {
    expect(conditionOf({})).toEqual({
      condition: 'disk-space',
      state: 'not-checked',
      missing: [{ what: 'retention' }],
    });
    const partly = { measured: [withDisks], averageTps: 1, withoutAverage: ['pay'] };
    expect([codesOf(partly), conditionOf(partly)]).toEqual([
      ['proven'],
      { condition: 'disk-space', state: 'not-checked', missing: [{ what: 'average-load', of: 'pay' }] },
    ]);
    expect(conditionOf({ ...partly, averageTps: 2 * mostTps })?.state).toBe('fails');
  });

  test('is limited by the lowest average of all verdicts of the cluster', () => {
    const neighbors = [{ domain: 'pay', measured: [withDisks], messageBytes: 1000 }];
    expect(conditionOf({ neighbors, averageTps: 2 * mostTps })?.state).toBe('fails');
  });
});
