import { describe, expect, test } from 'vitest';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import type { GoCase, Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { withGroups } from '../../../../../analyzer/verdict/limits/consumer-groups/ceiling.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import {
  measured,
  policy,
  proven,
  recordedRun,
  soonConfirmed,
  threeBrokers,
  withoutBrokers,
} from '../../../../support/go-case.ts';
import {
  before,
  bothOrders,
  decisionOf,
  earlier,
  figureOf,
  lower,
  lowerRun,
  peak,
  reaching,
  reasonOf,
  slowCard,
  startedAt,
  stateOf,
  asBefore,
} from '../../../../support/go-decisions.ts';

const unplaced = { ...threeBrokers, isRecorded: false };

test('the N-1 rate is not computed from a maximum that has decreased since', () => {
  const fallen = measured(recordedRun({ ...unplaced, groups: 4, rates: [300, 400, 500, 600, 700] }));
  const change = { peakTps: peak(690) };
  for (const analyses of bothOrders(earlier, fallen)) {
    const decided = decisionOf({ ...change, measured: analyses });
    expect(decided.proof?.tps).toBeGreaterThan(690);
    expect(decided.reasons.map(({ code }) => code)).toEqual(['after-loss-unknown']);
    expect(reasonOf({ ...change, measured: analyses }, 'after-loss-unknown')?.missing).toContainEqual({
      what: 'loss-outdated',
      of: 'broker 2',
    });
  }
});

/** A result of November: the limit was too far away for a maximum, but near enough for the N-1 rate. */
const withoutLimit = (() => {
  const rows = [
    { leader: '1', replicas: ['1', '2', '3'], partitions: 4 },
    { leader: '2', replicas: ['2', '3', '1'], partitions: 4 },
    { leader: '3', replicas: ['3', '1', '2'], partitions: 4 },
  ];
  const cards = { '1': 7.1e6, '2': 7.1e6, '3': 7.1e6 };
  return measured(startedAt(recordedRun({ ...threeBrokers, cards, rows, groups: 3 }), before));
})();

test('the N-1 rate is not computed from a verdict without a limit if a limit was found since', () => {
  expect(withoutLimit.analysis).toMatchObject({ safeMaxTps: { kind: 'at-least' }, withoutOne: expect.anything() });
  expect(figureOf([withoutLimit], 'after-loss')?.state).toBe('holds');
  expect(figureOf([withoutLimit, measured(recordedRun(unplaced))], 'after-loss')?.state).toBe('unknown');
});

test('the N-1 rate of an older maximum counts if the newer verdict without a limit is outdated', () => {
  const withLimit = measured(startedAt(recordedRun(), '2025-10-01T00:00:00.000Z'));
  const found = measured(recordedRun(unplaced));
  expect(figureOf([withLimit, withoutLimit, found], 'after-loss')).toEqual(figureOf([withLimit, found], 'after-loss'));
  expect(figureOf([withLimit, found], 'after-loss')?.state).toBe('holds');
});

test('a recorded placement counts as long as the maximum has not decreased, however old it is', () => {
  for (const analyses of bothOrders(earlier, measured(recordedRun(unplaced)))) {
    expect(decisionOf({ measured: analyses }).reasons.map(({ code }) => code)).toEqual(['proven']);
  }
});

const withoutSecond = (run: LoadTestRun, source: string, by = soonConfirmed): Measured =>
  measured(withoutBrokers(run, ['2']), by, source);

/** A test in short steps: its limit is known, and no rate was sustained for the confirmation time. */
const briefWithoutSecond = withoutSecond(lowerRun, 'brief', policy);

test('a newer N-1 test with a lower limit refutes the computed N-1 rate, even if it sustained no rate', () => {
  expect(briefWithoutSecond.analysis).toMatchObject({ safeMaxTps: { kind: 'predicted' } });
  expect(briefWithoutSecond.analysis).not.toHaveProperty('held');
  expect(decisionOf({ measured: [earlier] }).decision).toBe('go');
  const held = withoutSecond(startedAt(recordedRun(), '2025-12-01T00:00:00.000Z'), 'held');
  for (const tests of [[briefWithoutSecond], [held, briefWithoutSecond], [briefWithoutSecond, held]]) {
    const { decision, conditions } = decisionOf({ measured: [earlier, ...tests] });
    expect(decision).toBe('no-go');
    expect(conditions).toContainEqual(
      expect.objectContaining({
        condition: 'after-loss',
        state: 'fails',
        basis: 'measured',
        subject: 'broker 2',
        tps: expect.closeTo(754, 0),
      }),
    );
  }
});

test('a refuted N-1 rate is no basis for the recovery rate either', () => {
  const change = { measured: [earlier, briefWithoutSecond], peakTps: peak(700) };
  expect(stateOf(change, 'after-loss')).toBe('holds');
  expect(reasonOf(change, 'catch-up-unknown')?.subjects).toEqual(['broker 2']);
  // One follower is left, so the leader sends two copies of a message instead of three.
  const rows = [{ leader: '1', replicas: ['1', '3'], partitions: 12 }];
  const asComputed = withoutSecond(recordedRun({ ...threeBrokers, rows, replicationFactor: 2 }), 'two copies', policy);
  expect(stateOf({ ...change, measured: [earlier, asComputed] }, 'catch-up')).toBe('holds');
});

test('an unknown recovery rate names the lost brokers', () => {
  const change = reaching['catch-up-unknown'];
  const { conditions } = decisionOf(change);
  const subjects = reasonOf(change, 'catch-up-unknown')?.subjects ?? [];
  expect(subjects).toContain('broker 2');
  expect(conditions.find(({ condition }) => condition === 'catch-up')).toEqual({
    condition: 'catch-up',
    state: 'unknown',
    neededTps: 1000,
    subject: subjects.join(', '),
  });
});

test('a test without a broker in which every step failed leaves the loss unknown, not at 0', () => {
  const run = recordedRun({ ...threeBrokers, rates: [600, 700, 800, 900, 1000] });
  const produced = run.produced.map((line) => ({ ...line, acknowledged: line.acknowledged - 5, failed: 5 }));
  const consumed = run.consumed.map((line) => ({ ...line, messages: line.messages - 5 }));
  const failing = withoutSecond({ ...run, produced, consumed }, 'failing');
  expect(failing.analysis.steps.map(({ verdict }) => verdict)).toEqual(
    Array.from({ length: 5 }, () => ({ kind: 'invalid', reason: 'errors' })),
  );
  const change = { measured: [earlier, failing] };
  expect(decisionOf(change).decision).toBe('no-go');
  expect(figureOf(change.measured, 'after-loss')).toEqual({
    condition: 'after-loss',
    state: 'unknown',
    neededTps: 1000,
    missing: [{ what: 'loss-test', of: 'broker 2' }],
  });
  const reason = reasonOf(change, 'after-loss-unknown') as Reason;
  expect(reasonText(reason, 'en')).toContain('broker 2: rate without it (the test sustained none)');
  expect(reasonText(reason, 'zh')).toContain('Broker 2：缺少它时的速率（压测在任何速率下都未能稳定）');
});

describe('another domain on the cluster', () => {
  const beside = (neighbor: Measured): Partial<GoCase> => ({
    measured: [earlier],
    neighbors: [{ domain: 'pay', measured: [neighbor], messageBytes: 1000 }],
  });
  /** One group reads at most at this rate, lagged in the last step, and would also limit the N-1 rate. */
  const withSlowGroup = ({ analysis, source }: Measured, tps: number): Measured => {
    const limitedBy = { slo: 'consumer-lag', group: 'pay-1' } as const;
    const ceiling = { group: 'pay-1', value: tps, low: 0.95 * tps, high: 1.05 * tps, share: 1 };
    const last = { ...analysis.steps.at(-1), verdict: { kind: 'saturated', bottleneck: limitedBy } };
    return {
      source,
      analysis: Analysis.parse({
        ...analysis,
        safeMaxTps: withGroups(analysis.safeMaxTps, [ceiling], { confidence: 0.95 }),
        steps: [...analysis.steps.slice(0, -1), last],
        withoutOne: analysis.withoutOne?.map((loss) => ({ ...loss, tps: 0.95 * tps, limitedBy })),
      }),
    };
  };

  test('contradicts a rate by a newer lower limit, which then counts for the cluster', () => {
    const decided = decisionOf({ ...beside(lower), survives: 'none' });
    expect(decided.reasons.map(({ code }) => code)).toEqual(['safe-below-peak', 'proof-superseded']);
    expect(decided.safeMaxTps).toEqual(lower.analysis.safeMaxTps);
    expect(decided).not.toHaveProperty('proof');
  });

  test('proves no rate', () => {
    const old = measured(startedAt(lowerRun, before));
    const higher = { ...beside(proven), measured: [old], survives: 'none' as const };
    expect(decisionOf(higher).proof?.tps).toBeCloseTo(700, 0);
    expect(decisionOf(higher).safeMaxTps).toEqual(old.analysis.safeMaxTps);
    const never = { ...higher, measured: [] };
    expect(decisionOf(never).reasons.map(({ code }) => code)).toEqual(['not-measured']);
  });

  test('contradicts a computed loss by a test of that loss or by a newer verdict', () => {
    expect(stateOf(beside(briefWithoutSecond), 'after-loss')).toBe('fails');
    const peakTps = peak(1300);
    expect(stateOf({ measured: [earlier], peakTps }, 'after-loss')).toBe('holds');
    expect(stateOf({ ...beside(slowCard), peakTps }, 'after-loss')).toBe('fails');
    const newer = { ...beside(asBefore(slowCard)), measured: [proven], peakTps };
    expect(stateOf(newer, 'after-loss')).toBe('holds');
  });

  test('contradicts a loss computed without a limit only by a maximum below the rate reached', () => {
    expect(proven.analysis.safeMaxTps).toMatchObject({ kind: 'predicted' });
    expect(stateOf({ ...beside(proven), measured: [withoutLimit] }, 'after-loss')).toBe('holds');
    expect(stateOf({ ...beside(lower), measured: [withoutLimit] }, 'after-loss')).toBe('unknown');
  });

  test('contradicts nothing by the limit of its consumer group, but does by the limit of the cluster', () => {
    const slow = withSlowGroup(proven, 754);
    expect(slow.analysis.safeMaxTps).toMatchObject({ limitedBy: { group: 'pay-1' }, interval: { high: 1.05 * 754 } });
    const decided = decisionOf(beside(slow));
    expect(decided.reasons.map(({ code }) => code)).toEqual(['proven']);
    expect(decided.safeMaxTps).toEqual(earlier.analysis.safeMaxTps);
    const both = withSlowGroup(lower, 1400);
    expect(both.analysis.safeMaxTps).toEqual(lower.analysis.safeMaxTps);
    const codes = decisionOf({ ...beside(both), survives: 'none' }).reasons.map(({ code }) => code);
    expect(codes).toEqual(['safe-below-peak', 'proof-superseded']);
  });
});

test('of two tests without the same broker, the earlier proves nothing above the maximum of the later', () => {
  const [old, now] = [withoutSecond(startedAt(recordedRun(), before), 'old'), withoutSecond(lowerRun, 'now')];
  for (const tests of bothOrders(old, now)) {
    expect(figureOf([proven, ...tests], 'after-loss')).toMatchObject({ state: 'fails', subject: 'broker 2' });
    expect(figureOf([proven, ...tests], 'after-loss')?.tps).toBeCloseTo(700, 0);
  }
});
