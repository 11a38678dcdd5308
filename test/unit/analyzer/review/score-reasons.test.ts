import { expect, test } from 'vitest';
import { decide } from '../../../../analyzer/review/capacity-report/decide.ts';
import { scoreDomain, scoreReasons } from '../../../../analyzer/review/score-domain.ts';
import type { DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { goCase } from '../../../support/go-case.ts';
import { reaching } from '../../../support/go-decisions.ts';

const verdictOf = (change: Partial<typeof goCase> = {}): DomainVerdict => {
  const case_ = { ...goCase, ...change };
  return {
    domain: 'orders',
    owners: [],
    clusters: [],
    ...decide(case_),
    ...(case_.peakTps && { peakTps: case_.peakTps }),
  };
};
const happened = (highest: number, isTrouble: boolean) => ({
  domain: 'orders',
  readings: [{ timeMs: 0, value: highest }],
  troubles: isTrouble ? [{ fromMs: 0, toMs: 1, what: 'lag' }] : [],
});
const outcomes = (verdict: DomainVerdict, highest: number, isTrouble: boolean) =>
  scoreReasons(verdict, happened(highest, isTrouble)).map(({ code, outcome }) => `${code} ${outcome}`);

test('GO is right if the load came near the peak without an incident', () => {
  expect(outcomes(verdictOf(), 900, false)).toEqual(['proven right']);
  expect(outcomes(verdictOf(), 900, true)).toEqual(['proven wrong']);
  expect(outcomes(verdictOf(), 300, false)).toEqual(['proven cannot-be-judged']);
});

test('a reason against GO is right if an incident occurred', () => {
  const drift = verdictOf({ settings: [] });
  expect(outcomes(drift, 900, true)).toEqual(['drift-unknown right']);
});

test('a peak without incident refutes a limit of the load, but neither a missing proof nor a limit after a loss', () => {
  const calm = (change: Partial<typeof goCase>) => {
    const verdict = verdictOf(change);
    const { reasons = [], decisionHeld } = scoreDomain(verdict, happened(20_000, false));
    return [verdict.decision, decisionHeld, ...reasons.map(({ code, outcome }) => `${code} ${outcome}`)];
  };
  expect(calm({ settings: [] })).toEqual(['no-go', undefined, 'drift-unknown unproven']);
  expect(calm(reaching['not-measured'])).toEqual(['no-go', undefined, 'not-measured unproven']);
  const afterLoss = calm(reaching['after-loss-below-peak']);
  expect(afterLoss).toEqual(['no-go', undefined, 'after-loss-below-peak cannot-be-judged', ...afterLoss.slice(3)]);
  expect(calm(reaching['safe-below-peak'])).toEqual(expect.arrayContaining(['no-go', false, 'safe-below-peak wrong']));
});

test('a reason about a planned cluster cannot be judged from the load of the current one', () => {
  const planned = verdictOf({ peakTps: { low: 2000, mid: 2500, high: 3000 }, plan: { probabilityEnough: 0.95 } });
  expect(outcomes(planned, 3000, true)).toEqual(['plan-closes-gap cannot-be-judged']);
});
