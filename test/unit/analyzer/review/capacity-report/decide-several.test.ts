import { expect, test } from 'vitest';
import type { Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import { measured, proven, recordedRun, soonConfirmed } from '../../../../support/go-case.ts';
import {
  decisionOf,
  earlier,
  findSafe,
  lower,
  lowerRun,
  peak,
  reasonOf,
  startedAt,
  withGroup,
} from '../../../../support/go-decisions.ts';

const before = '2025-11-01T00:00:00.000Z';
const bothOrders = (one: Measured, two: Measured): Measured[][] => [
  [one, two],
  [two, one],
];
const figureOf = (analyses: Measured[], name: string) =>
  decisionOf({ measured: analyses }).conditions.find(({ condition }) => condition === name);

/** As it was two months before. */
const then = ({ analysis, source }: Measured): Measured => {
  const { held: _, ...rest } = analysis;
  return { source, analysis: { ...rest, run: { ...analysis.run, startedAt: before } } };
};

test('a rate above a maximum that was found later is no proof', () => {
  for (const analyses of bothOrders(earlier, lower)) {
    const change = { measured: analyses, survives: 'none' as const };
    const decided = decisionOf(change);
    expect(decided.decision).toBe('no-go');
    expect(decided.reasons.map(({ code }) => code)).toEqual(['safe-below-peak', 'proof-superseded']);
    expect([decided.safeTps, decided.proof?.tps]).toEqual([expect.closeTo(753.85, 1), expect.closeTo(700, 0)]);
    const reason = reasonOf(change, 'proof-superseded') as Reason;
    expect(reasonText(reason, 'en')).toBe(
      'The upper end of the peak, 1,000 msg/s, was sustained earlier (analysis november), but a newer measurement found a safe maximum of 754 msg/s. The earlier rate is no longer a proof.',
    );
    expect(reasonText(reason, 'zh')).toContain('analysis november');
  }
});

test('a peak below that maximum has to be generated again', () => {
  for (const analyses of bothOrders(earlier, lower)) {
    const { decision, reasons } = decisionOf({ measured: analyses, survives: 'none', peakTps: peak(740) });
    expect(decision).toBe('conditions');
    expect(reasons.map(({ code }) => code)).toEqual(['not-confirmed', 'proof-superseded']);
  }
});

test('a higher maximum that was found later counts, as does what is left after a loss', () => {
  const old = measured(startedAt(lowerRun, before));
  for (const analyses of bothOrders(old, proven)) {
    expect(decisionOf({ measured: analyses }).reasons.map(({ code }) => code)).toEqual(['proven']);
  }
});

test('a later rate below any limit contradicts nothing', () => {
  expect(findSafe.analysis.safeMaxTps).toMatchObject({ kind: 'at-least' });
  expect(Date.parse(findSafe.analysis.run.startedAt ?? '')).toBeGreaterThan(Date.parse(before));
  for (const analyses of bothOrders(earlier, findSafe)) {
    expect(decisionOf({ measured: analyses }).proof?.tps).toBe(earlier.analysis.held?.tps);
  }
});

test('of two tests without the same broker, the earlier proves nothing above the maximum of the later', () => {
  const withoutSecond = (run: typeof lowerRun, source: string) => {
    const degraded = { lost: ['2'], waitedSeconds: 10, copies: 2 };
    return measured({ ...run, document: { ...run.document, degraded } }, soonConfirmed, source);
  };
  const [old, now] = [withoutSecond(startedAt(recordedRun(), before), 'old'), withoutSecond(lowerRun, 'now')];
  for (const tests of bothOrders(old, now)) {
    expect(figureOf([proven, ...tests], 'after-loss')).toMatchObject({ state: 'fails', subject: 'broker 2' });
    expect(figureOf([proven, ...tests], 'after-loss')?.tps).toBeCloseTo(700, 0);
  }
});

test('of two measurements of a group the newer counts', () => {
  const [slow, fast] = [withGroup(700), withGroup(1500)];
  for (const analyses of bothOrders(then(fast), slow)) {
    expect(figureOf(analyses, 'groups')).toMatchObject({ state: 'fails', subject: 'audit' });
  }
  for (const analyses of bothOrders(then(slow), fast)) {
    expect(figureOf(analyses, 'groups')).toMatchObject({ subject: 'audit', state: 'holds' });
  }
});
