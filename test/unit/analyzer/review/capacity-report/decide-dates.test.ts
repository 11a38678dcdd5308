import { describe, expect, test } from 'vitest';
import type { ClusterSettings, GoCase } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import { goCase, proven } from '../../../../support/go-case.ts';
import { codesOf, decisionOf, peak, reasonOf, stateOf } from '../../../../support/go-decisions.ts';

const atTime = (at: string): ClusterSettings[] => goCase.settings.map((each) => ({ ...each, at }));

describe('a report dated before its evidence', () => {
  const endingAt = (endedAt: string): Partial<GoCase> => {
    const { analysis } = proven;
    const held = { tps: 1400, seconds: 600, confirmationSeconds: 600, unmonitored: [], ...analysis.held, endedAt };
    return { measured: [{ ...proven, analysis: { ...analysis, held } }] };
  };

  test('is a NO-GO that names both times, even if a plan closes the gap', () => {
    const change = { ...endingAt('2026-01-04T10:10:00.000Z'), settings: atTime('2026-01-02T06:00:00.000Z') };
    const reason = reasonOf(change, 'evidence-in-future') as Reason;
    expect(reasonText(reason, 'en')).toBe(
      'The evidence ended after the date of the report, 2026-01-02: analysis orders (2026-01-04 10:10 UTC).',
    );
    expect(decisionOf(change).decision).toBe('no-go');
    expect(stateOf(change, 'lifetime')).toBe('fails');
    const plan = { probabilityEnough: 0.95 };
    expect(codesOf({ ...change, peakTps: peak(3000), plan })).toEqual(['evidence-in-future', 'plan-closes-gap']);
  });

  test('is accepted until its day has ended in every time zone', () => {
    expect(stateOf(endingAt('2026-01-03T12:00:00.000Z'), 'lifetime')).toBe('holds');
    expect(stateOf(endingAt('2026-01-03T12:00:01.000Z'), 'lifetime')).toBe('fails');
  });
});
