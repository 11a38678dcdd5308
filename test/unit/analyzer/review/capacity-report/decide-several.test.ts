import { expect, test } from 'vitest';
import type { LoadTestRun } from '../../../../../analyzer/evidence/load-test-run.ts';
import { ofSharedCluster } from '../../../../../analyzer/review/capacity-report/conditions/order.ts';
import type { Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import type { Policy } from '../../../../../core/policy/policy.ts';
import { reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import { measured, proven, recordedRun, soonConfirmed, threeBrokers } from '../../../../support/go-case.ts';
import {
  before,
  bothOrders,
  decisionOf,
  earlier,
  figureOf,
  findSafe,
  lower,
  lowerRun,
  peak,
  reasonOf,
  startedAt,
  asBefore,
  withGroup,
} from '../../../../support/go-decisions.ts';
import type { PlacedRun } from '../../../../support/placed-run.ts';

test('a rate above a maximum that was found later is not a proof', () => {
  for (const analyses of bothOrders(earlier, lower)) {
    const change = { measured: analyses, survives: 'none' as const };
    const decided = decisionOf(change);
    expect(decided.decision).toBe('no-go');
    expect(decided.reasons.map(({ code }) => code)).toEqual(['safe-below-peak', 'proof-superseded']);
    expect([decided.safeTps, decided.proof?.tps]).toEqual([expect.closeTo(753.85, 1), expect.closeTo(700, 0)]);
    const reason = reasonOf(change, 'proof-superseded') as Reason;
    expect(reasonText(reason, 'en')).toBe(
      'The upper end of the peak, 1,000 msg/s, was sustained earlier (analysis november), but a newer measurement shows a limit of 754 msg/s. The earlier rate is no longer a proof.',
    );
    expect(reasonText(reason, 'zh')).toContain('analysis november');
  }
});

test('a peak below that later maximum has to be tested again', () => {
  for (const analyses of bothOrders(earlier, lower)) {
    const { decision, reasons } = decisionOf({ measured: analyses, survives: 'none', peakTps: peak(740) });
    expect(decision).toBe('conditions');
    expect(reasons.map(({ code }) => code)).toEqual(['not-confirmed', 'proof-superseded']);
  }
});

/** An analysis of all of November, with the peak on the second day. */
const november = ({ analysis }: Measured): Measured => ({
  source: 'production',
  analysis: Analysis.parse({
    ...analysis,
    run: { ...analysis.run, origin: 'production', startedAt: before, durationSeconds: 30 * 86_400 },
    held: { ...analysis.held, endedAt: '2025-11-02T20:00:00.000Z' },
  }),
});
const onTheTenth = (run: LoadTestRun): Measured =>
  measured(startedAt(run, '2025-11-10T09:00:00.000Z'), soonConfirmed, 'test');

test('production is as recent as the end of its window, however early its peak was', () => {
  for (const analyses of bothOrders(november(lower), onTheTenth(recordedRun()))) {
    const decided = decisionOf({ measured: analyses, survives: 'none' });
    expect(decided.reasons.map(({ code }) => code)).toContain('proof-superseded');
    expect(decided.safeMaxTps).toEqual(lower.analysis.safeMaxTps);
  }
});

test('a later test decides whether an earlier natural peak is still a proof', () => {
  for (const analyses of bothOrders(november(proven), onTheTenth(lowerRun))) {
    expect(decisionOf({ measured: analyses, survives: 'none' }).proof?.source).toBe('test');
  }
});

/** The number of brokers changed on November 20: production figures are from the days before. */
const untilTheTwentieth = (analysis: Measured): Measured => {
  const { source, analysis: all } = november(analysis);
  return { source, analysis: Analysis.parse({ ...all, run: { ...all.run, judgedUntil: '2025-11-20T00:00:00.000Z' } }) };
};
const onDay = (day: string, run: LoadTestRun): Measured =>
  measured(startedAt(run, `2025-11-${day}T09:00:00.000Z`), soonConfirmed, 'test');

test('production before a change of the cluster is older than a test after the change', () => {
  const more = onDay('25', recordedRun());
  for (const analyses of bothOrders(untilTheTwentieth(lower), more)) {
    const decided = decisionOf({ measured: analyses, survives: 'none' });
    expect([decided.proof?.source, decided.safeMaxTps]).toEqual(['test', more.analysis.safeMaxTps]);
    expect(decided.reasons.map(({ code }) => code)).not.toContain('proof-superseded');
  }
  const fewer = onDay('25', lowerRun);
  for (const analyses of bothOrders(untilTheTwentieth(proven), fewer)) {
    const decided = decisionOf({ measured: analyses, survives: 'none' });
    expect([decided.proof?.source, decided.safeMaxTps]).toEqual(['test', fewer.analysis.safeMaxTps]);
  }
});

test('production before a change of the cluster is newer than a test within that period', () => {
  for (const analyses of bothOrders(untilTheTwentieth(lower), onTheTenth(recordedRun()))) {
    const decided = decisionOf({ measured: analyses, survives: 'none' });
    expect(decided.reasons.map(({ code }) => code)).toContain('proof-superseded');
  }
});

/** A search that sustained a rate for the confirmation time, and rejected the next rate. */
const searched = (
  moment: string,
  source: string,
  lowerTps: number,
  upperTps: number,
  { shape = threeBrokers, limitedBy }: { shape?: PlacedRun; limitedBy?: { resource: 'network-out'; node: '1' } } = {},
): Measured => {
  const run = startedAt(recordedRun({ ...shape, rates: [400, 600, 800, 0.999 * lowerTps, upperTps] }), moment);
  const steps = run.steps.map((step) => (step.index === 3 ? { ...step, targetTps: lowerTps } : step));
  const violated = { kind: 'slo', slo: 'publish-latency' } as const;
  const figures = { criterion: 'p99', violated, measured: 0.3, limit: 0.1, unit: 's' as const };
  const breach = { ...figures, ...(limitedBy && { limitedBy }) };
  const soak = { kind: 'trial', durationSeconds: 12, purpose: 'soak' } as const;
  const trials = [
    {
      ...soak,
      targetTps: upperTps,
      outcome: { kind: 'failed' as const, ...breach, achievedTps: upperTps },
      startedSeconds: 48,
      elapsedSeconds: 60,
      step: 4,
    },
    {
      ...soak,
      targetTps: lowerTps,
      outcome: { kind: 'passed' as const, achievedTps: 0.999 * lowerTps },
      startedSeconds: 36,
      elapsedSeconds: 48,
      step: 3,
    },
  ];
  return measured(
    {
      ...run,
      steps,
      events: { ...run.events, trials },
      certificate: {
        search: 'find-safe',
        endedBecause: 'bounds-met',
        lowerBound: { tps: lowerTps, conditionalTps: 0.999 * lowerTps, passed: 1, failed: 0, durationSeconds: 12 },
        upperBounds: [{ tps: upperTps, ...breach, failed: 1, passed: 0 }],
        trials: [],
        driveSeconds: 24,
      },
    },
    soonConfirmed,
    source,
  );
};

test('a later search that rejects a rate contradicts it, even if the earlier search achieved slightly less than its target', () => {
  const old = searched(before, 'november', 880, 960);
  const now = searched('2026-01-01T00:00:00.000Z', 'january', 800, 880);
  expect(old.analysis.safeMaxTps).toMatchObject({ kind: 'confirmed', tps: 880 });
  expect(now.analysis.safeMaxTps).toMatchObject({ kind: 'confirmed', interval: { low: 800, high: 880 } });
  expect(decisionOf({ measured: [old], survives: 'none', peakTps: peak(850) }).decision).toBe('go');
  for (const analyses of bothOrders(old, now)) {
    const decided = decisionOf({ measured: analyses, survives: 'none', peakTps: peak(850) });
    expect(decided.reasons.map(({ code }) => code)).toEqual(['interval-overlaps', 'proof-superseded']);
    expect(decided.safeMaxTps).toEqual(now.analysis.safeMaxTps);
  }
  const withoutPlacement = { ...threeBrokers, isRecorded: false };
  const moved = searched('2026-01-01T00:00:00.000Z', 'january', 800, 880, { shape: withoutPlacement });
  // The fit of its card explains this limit: 1,501 msg/s, and more with one follower less to send to.
  const limitedBy = { resource: 'network-out', node: '1' } as const;
  const modelled = searched(before, 'november', 1400, 1520, { limitedBy });
  expect([[modelled], [modelled, moved], [old]].map((analyses) => figureOf(analyses, 'after-loss')?.state)).toEqual([
    'holds',
    'unknown',
    'fails',
  ]);
});

test('a target rate that later violates the SLO contradicts an earlier step with that target', () => {
  const publishLatencyP99 = { value: 0.1, source: 'plimsoll.yaml' };
  const stepped = (moment: string, source: string, p99: number): Measured => {
    const run = startedAt(recordedRun({ ...threeBrokers, rates: [400, 500, 600, 700, 0.999 * 880] }), moment);
    const steps = run.steps.map((step) => ({
      ...step,
      ...(step.index === 4 && { targetTps: 880 }),
      latencySeconds: { p50: 0.01, p99: step.index === 4 ? p99 : 0.02, p999: 0.3, max: 0.3 },
    }));
    return measured({ ...run, steps }, { ...soonConfirmed, slo: { publishLatencyP99 } }, source);
  };
  const [old, now] = [stepped(before, 'november', 0.02), stepped('2026-01-01T00:00:00.000Z', 'january', 0.3)];
  expect(now.analysis.safeMaxTps).toMatchObject({ limitedBy: { slo: 'publish-latency' } });
  expect(old.analysis.held?.tps).toBeLessThan(880);
  expect(decisionOf({ measured: [old], survives: 'none', peakTps: peak(850) }).decision).toBe('go');
  for (const analyses of bothOrders(old, now)) {
    const codesWith = (achievedShare: number) =>
      decisionOf({ measured: analyses, survives: 'none', peakTps: peak(850), achievedShare }).reasons.map(
        ({ code }) => code,
      );
    expect(codesWith(0.99)).toContain('proof-superseded');
    expect(codesWith(1)).not.toContain('proof-superseded');
  }
});

test('a test that violates the SLO in every step contradicts earlier rates from its lowest rate up, and none below', () => {
  const publishLatencyP99 = { value: 0.1, source: 'plimsoll.yaml' };
  const tested = (rates: number[], p99: number, moment: string): Measured => {
    const run = startedAt(recordedRun({ ...threeBrokers, rates }), moment);
    const steps = run.steps.map((step) => ({ ...step, latencySeconds: { p50: 0.01, p99, p999: 1, max: 1 } }));
    return measured({ ...run, steps }, { ...soonConfirmed, slo: { publishLatencyP99 } }, moment);
  };
  const old = tested([400, 500, 600, 700, 880], 0.02, before);
  const decisionWith = (rates: number[]) =>
    decisionOf({
      measured: [old, tested(rates, 0.3, '2026-01-01T00:00:00.000Z')],
      survives: 'none',
      peakTps: peak(850),
    });
  expect(decisionWith([950, 1000, 1050]).decision).toBe('go');
  const { decision, reasons } = decisionWith([600, 700, 800]);
  expect([decision, reasons.map(({ code }) => code)]).toEqual(['no-go', ['not-measured']]);
});

test('for another domain, a test that violates a client SLO in every step contradicts, but a group SLO does not', () => {
  const slowTest = (slo: NonNullable<Policy['slo']>): Measured => {
    const run = startedAt(recordedRun({ ...threeBrokers, rates: [600, 700, 800] }), '2026-01-01T00:00:00.000Z');
    const steps = run.steps.map((step) => ({ ...step, latencySeconds: { p50: 0.01, p99: 0.3, p999: 1, max: 1 } }));
    const lag = Array.from({ length: 60 }, (_, second) => ({
      elapsedSeconds: second,
      group: 'billing',
      messages: 90_000,
    }));
    return measured({ ...run, steps, lag }, { ...soonConfirmed, slo });
  };
  const promised = (value: number) => ({ value, source: 'plimsoll.yaml' });
  const [slowClients, slowGroup] = [
    slowTest({ publishLatencyP99: promised(0.1), lagTime: promised(30) }),
    slowTest({ lagTime: promised(30) }),
  ];
  expect(slowGroup.analysis.safeMaxTps).toMatchObject({ kind: 'unknown', below: { limitedBy: { group: 'billing' } } });
  const stateWith = (neighbor: Measured) =>
    decisionOf({
      measured: [earlier],
      survives: 'none',
      peakTps: peak(850),
      neighbors: [{ domain: 'pay', measured: [neighbor], messageBytes: 1000 }],
    }).conditions.find(({ condition }) => condition === 'proof')?.state;
  expect([stateWith(slowGroup), stateWith(slowClients)]).toEqual(['holds', undefined]);
  // The limit of one partition says nothing about other partitions either.
  const { analysis } = slowClients;
  const ofOnePartition = { ...analysis, fingerprint: { ...analysis.fingerprint, 'topic.partitions': '1' } };
  expect(ofSharedCluster([{ source: 'a', analysis: ofOnePartition }])[0]?.analysis.safeMaxTps).not.toHaveProperty(
    'below',
  );
});

test('a search that repeats an earlier search contradicts nothing, however close its bounds are', () => {
  const [old, again] = [
    searched(before, 'november', 880, 884),
    searched('2026-01-01T00:00:00.000Z', 'january', 880, 884),
  ];
  for (const analyses of bothOrders(old, again)) {
    expect(decisionOf({ measured: analyses, survives: 'none', peakTps: peak(850) }).decision).toBe('go');
  }
});

/** A result of January, with metrics too uncertain for a narrow interval. */
const between = (low: number, estimateTps: number, high?: number): Measured => {
  const { held: _, ...analysis } = proven.analysis;
  const interval = { low, ...(high !== undefined && { high }), confidence: 0.95 };
  const limitedBy = { resource: 'network-out', node: 'host-1' };
  const safeMaxTps = { kind: 'predicted', tps: low, estimateTps, interval, limitedBy };
  return { source: 'january', analysis: Analysis.parse({ ...analysis, safeMaxTps }) };
};

/** Sustained 1,000 msg/s in November. */
const held1000 = measured(
  startedAt(recordedRun({ ...threeBrokers, rates: [400, 550, 700, 850, 1000] }), before),
  soonConfirmed,
  'november',
);
const around = { peakTps: { low: 800, mid: 920, high: 995 } };

test('a maximum with an interval that includes an earlier rate does not contradict it, and the report states both', () => {
  for (const analyses of bothOrders(held1000, between(900, 1400, 1900))) {
    const decided = decisionOf({ ...around, measured: analyses });
    expect([decided.decision, decided.reasons.map(({ code }) => code)]).toEqual(['go', ['proven']]);
    const tps = decided.proof?.tps ?? 0;
    expect(tps).toBeCloseTo(1000, 0);
    expect(decided.safeTps).toBe(tps);
    expect(decided.safeMaxTps).toMatchObject({ tps, estimateTps: 1400, interval: { low: tps, high: 1900 } });
    const [reason] = decided.reasons as [Reason];
    expect(reasonText(reason, 'en')).toContain(
      'another measurement found a safe maximum of 900 to 1,900 msg/s, which does not contradict this rate.',
    );
    expect(reasonText(reason, 'zh')).toContain('900 至 1,900 条/秒');
  }
});

test('a peak above that earlier rate is compared with the rate, not with the lower bound of the maximum', () => {
  const beyond = { measured: [held1000, between(900, 1400, 1900)], peakTps: { low: 800, mid: 950, high: 1100 } };
  expect(reasonOf(beyond, 'interval-overlaps')?.tps).toBeCloseTo(1000, 0);
  expect(reasonText(reasonOf(beyond, 'interval-overlaps') as Reason, 'en')).toMatch(
    /was sustained; another measurement found a safe maximum of 900 to 1,900 msg\/s/,
  );
});

test('a maximum contradicts an earlier rate above its upper bound, or above its estimate without an upper bound', () => {
  for (const newer of [between(700, 800, 900), between(700, 900)]) {
    for (const analyses of bothOrders(held1000, newer)) {
      const decided = decisionOf({ ...around, measured: analyses });
      expect(decided.reasons.map(({ code }) => code)).toEqual(['safe-below-peak', 'proof-superseded']);
      expect(decided.safeTps).toBe(700);
      const reason = decided.reasons.find(({ code }) => code === 'proof-superseded') as Reason;
      expect(reasonText(reason, 'en')).toContain('shows a limit of 700 to 900 msg/s');
    }
  }
});

test('a higher maximum that was found later counts, as does its N-1 rate', () => {
  const old = measured(startedAt(lowerRun, before));
  for (const analyses of bothOrders(old, proven)) {
    expect(decisionOf({ measured: analyses }).reasons.map(({ code }) => code)).toEqual(['proven']);
  }
});

test('a later rate without any limit contradicts nothing', () => {
  expect(findSafe.analysis.safeMaxTps).toMatchObject({ kind: 'at-least' });
  expect(Date.parse(findSafe.analysis.run.startedAt ?? '')).toBeGreaterThan(Date.parse(before));
  for (const analyses of bothOrders(earlier, findSafe)) {
    expect(decisionOf({ measured: analyses }).proof?.tps).toBe(earlier.analysis.held?.tps);
  }
});

/** A test of January whose last step, at 1,000 msg/s, has the given figures. */
const lastStep = (last: { acknowledged: number; failed?: number; eventLoopUtilisation?: number }): Measured => {
  const run = recordedRun({ ...threeBrokers, rates: [600, 700, 800, 900, 1000] });
  const from = run.steps.at(-1)?.from ?? 0;
  const produced = run.produced.map((line) => (line.from < from ? line : { ...line, ...last }));
  const consumed = run.consumed.map((line) => (line.from < from ? line : { ...line, messages: last.acknowledged }));
  return measured({ ...run, produced, consumed }, soonConfirmed, 'january');
};
const lastVerdict = ({ analysis }: Measured) => analysis.steps.at(-1)?.verdict;

test('a rate above a later one at which throughput stopped growing is not a proof, whatever the cause', () => {
  const missed = lastStep({ acknowledged: 930 });
  expect(missed.analysis.safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'limit-cause-unknown' });
  for (const analyses of bothOrders(earlier, missed)) {
    const decided = decisionOf({ measured: analyses, survives: 'none' });
    expect(decided.reasons.map(({ code }) => code)).toEqual(['safe-below-peak', 'proof-superseded']);
    expect(decided.safeMaxTps).toEqual(missed.analysis.safeMaxTps);
  }
});

test('a newer limit of unknown cause takes precedence over a maximum that it does not contradict', () => {
  const missed = lastStep({ acknowledged: 930 });
  for (const analyses of bothOrders(asBefore(between(800, 900, 1100)), missed)) {
    expect(decisionOf({ measured: analyses, survives: 'none' }).safeMaxTps).toEqual(missed.analysis.safeMaxTps);
  }
});

test('a rate at which sends failed later is not a proof', () => {
  const failing = lastStep({ acknowledged: 992, failed: 8 });
  expect(lastVerdict(failing)).toEqual({ kind: 'invalid', reason: 'errors' });
  for (const analyses of bothOrders(earlier, failing)) {
    const superseded = reasonOf({ measured: analyses, survives: 'none' }, 'proof-superseded');
    expect(superseded?.foundTps).toEqual({ low: expect.closeTo(900, 0), high: 1000 });
    expect(decisionOf({ measured: analyses, survives: 'none' }).decision).toBe('conditions');
  }
});

test('a failure below a rate that the same test sustained shows no limit', () => {
  const run = recordedRun({ ...threeBrokers, rates: [300, 600, 700, 800, 900] });
  const coldEnd = run.steps[0]?.to ?? 0;
  const produced = run.produced.map((line) => (line.from < coldEnd ? { ...line, acknowledged: 200 } : line));
  const cold = measured({ ...run, produced }, soonConfirmed, 'january');
  expect(cold.analysis.steps.map(({ verdict }) => verdict.kind)).toEqual(['saturated', ...Array(4).fill('sustained')]);
  for (const analyses of bothOrders(earlier, cold)) {
    expect(decisionOf({ measured: analyses, survives: 'none' }).proof?.source).toBe('analysis november');
  }
});

test('a rate that only the load generator missed later is still a proof', () => {
  const slow = lastStep({ acknowledged: 930, eventLoopUtilisation: 0.99 });
  expect(lastVerdict(slow)).toEqual({ kind: 'invalid', reason: 'generator-limited' });
  for (const analyses of bothOrders(earlier, slow)) {
    expect(decisionOf({ measured: analyses, survives: 'none' }).proof?.source).toBe('analysis november');
  }
});

test('of two measurements of a consumer group the newer counts', () => {
  const [slow, fast] = [withGroup(700), withGroup(1500)];
  for (const analyses of bothOrders(asBefore(fast), slow)) {
    expect(figureOf(analyses, 'groups')).toMatchObject({ state: 'fails', subject: 'audit' });
  }
  for (const analyses of bothOrders(asBefore(slow), fast)) {
    expect(figureOf(analyses, 'groups')).toMatchObject({ subject: 'audit', state: 'holds' });
  }
});
