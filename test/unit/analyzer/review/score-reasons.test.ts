import { expect, test } from 'vitest';
import { decide } from '../../../../analyzer/review/capacity-report/decide.ts';
import { scoreReasons } from '../../../../analyzer/review/score-domain.ts';
import type { DomainVerdict } from '../../../../core/documents/capacity-report.ts';
import { goCase } from '../../../support/go-case.ts';

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
  expect(outcomes(drift, 900, false)).toEqual(['drift-unknown wrong']);
});

test('a reason about a planned cluster cannot be judged from the load of the current one', () => {
  const planned = verdictOf({ peakTps: { low: 2000, mid: 2500, high: 3000 }, plan: { probabilityEnough: 0.95 } });
  expect(outcomes(planned, 3000, true)).toEqual(['plan-closes-gap cannot-be-judged']);
});
