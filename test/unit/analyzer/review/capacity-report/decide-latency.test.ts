import { expect, test } from 'vitest';
import { makeReport } from '../../../../../analyzer/review/capacity-report/make-report.ts';
import { reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import { plans } from '../../../../support/capacity-report-inputs.ts';
import { proven, threeBrokers } from '../../../../support/go-case.ts';
import { codesOf, decisionOf, findSafe, reasonOf, stateOf, withLatencies } from '../../../../support/go-decisions.ts';
import { goInputs } from '../../../../support/go-inputs.ts';
import { refusedDomains } from '../../../../support/sized.ts';

/** Sustains 600 to 1,400 msg/s; the p99 is 4 ms at the first step, and 10 to 14 ms above. */
const tested = withLatencies();
const latency = (seconds: number) => ({ domain: 'orders', seconds });

test('a rate is only proven if a test kept the latency of the domain up to the peak', () => {
  expect(codesOf({ measured: [tested], latency: latency(0.02) })).toEqual(['proven']);
  expect(codesOf({ measured: [tested] })).toEqual(['proven']);
  // Kept at 1,000 msg/s, the upper end of the peak, and missed above it.
  expect(stateOf({ measured: [tested], latency: latency(0.012) }, 'latency')).toBe('holds');
  const missed = { measured: [tested], latency: latency(0.008) };
  expect(decisionOf(missed)).toMatchObject({ decision: 'no-go', reasons: [{ code: 'latency-missed' }] });
  const reason = reasonOf(missed, 'latency-missed') as Reason;
  expect(reasonText(reason, 'en')).toBe(
    'orders requires a p99 of publish latency of at most 8 ms (latencyP99), but it was 10 ms at 800 msg/s (analysis orders). Only rates up to 600 msg/s met this requirement; the upper end of the peak is 1,000 msg/s.',
  );
  expect(reasonText(reason, 'zh')).toContain('满足该要求的最高测试速率为 600 条/秒，低于峰值上端 1,000 条/秒');
  const always = reasonOf({ measured: [tested], latency: latency(0.001) }, 'latency-missed') as Reason;
  expect(reasonText(always, 'en')).toContain(
    '4 ms at 600 msg/s (analysis orders). No tested rate met this requirement',
  );
});

test('an unmeasured latency is not monitored, unless the step that would prove the rate also measures it', () => {
  const live = {
    ...tested,
    analysis: { ...tested.analysis, steps: [], run: { ...tested.analysis.run, origin: 'production' as const } },
  };
  for (const each of [proven, live]) {
    const unmeasured = { measured: [each], latency: latency(0.02) };
    expect(stateOf(unmeasured, 'latency')).toBe('unknown');
    const reason = reasonOf(unmeasured, 'not-monitored') as Reason;
    expect(reasonText(reason, 'en')).toContain('publish latency at the peak (latencyP99 of orders: 20 ms)');
    expect(reasonText(reason, 'zh')).toContain('峰值时的发送延迟（orders 的 latencyP99：20 ms）');
  }
  const later = {
    measured: [tested],
    latency: latency(0.02),
    confirmationSeconds: 600,
    peakTps: { low: 1, mid: 1420, high: 1450 },
  };
  expect(stateOf(later, 'latency')).toBe('unknown');
  const { latency: _, ...without } = { ...later, measured: [live], survives: 'none' as const };
  expect(codesOf({ ...without, latency: latency(0.02) })).toEqual(codesOf(without));
  expect(codesOf({ ...later, survives: 'none' })).toEqual(['not-confirmed', 'groups-not-confirmed']);
});

test('a miss in a cold start is no limit of the peak, nor is one far above it', () => {
  const stateWith = (p99s: number[], rates = threeBrokers.rates) =>
    stateOf({ measured: [withLatencies(p99s, undefined, rates)], latency: latency(0.008) }, 'latency');
  expect(stateWith([0.05, 0.004, 0.004, 0.004, 0.004])).toBe('holds');
  expect(stateWith([0.05, 0.004, 0.05, 0.05, 0.05])).toBe('fails');
  // As for an SLO, a miss after a lower rate that kept it is a limit, and so is one at most rates.
  expect(stateWith([0.004, 0.05, 0.004, 0.004, 0.004])).toBe('fails');
  expect(stateWith([0.05, 0.05, 0.05, 0.004, 0.004])).toBe('fails');
  // The step that is to prove the peak of 1,000 msg/s has a target of 1,010.
  expect(stateWith([0.004, 0.004, 0.05], [600, 800, 1010])).toBe('fails');
  const above = { measured: [withLatencies([0.004, 0.05], undefined, [800, 1400])], latency: latency(0.008) };
  expect(stateOf(above, 'latency')).toBe('unknown');
  expect(codesOf(above)).toContain('not-monitored');
  expect(codesOf(above)).not.toContain('latency-missed');
});

test('a rate that a search tested again counts as in its last trial', () => {
  const stateWith = (...p99s: number[]) => {
    const each = withLatencies(p99s, undefined, [800, 1000, 1000, 1200, 1400]);
    const { certificate } = findSafe.analysis;
    const search = { ...each, analysis: { ...each.analysis, certificate } };
    return [each, search].map((one) => stateOf({ measured: [one], latency: latency(0.008) }, 'latency'));
  };
  expect(stateWith(0.004, 0.05, 0.004, 0.004, 0.004)).toEqual(['fails', 'holds']);
  expect(stateWith(0.004, 0.004, 0.05, 0.05, 0.05)).toEqual(['fails', 'fails']);
});

test('the newest test that decides counts', () => {
  const at = (startedAt: string, each: typeof tested) => ({
    ...each,
    analysis: { ...each.analysis, run: { ...each.analysis.run, startedAt } },
  });
  const fixed = withLatencies([0.002, 0.002, 0.002, 0.002, 0.002], 'analysis orders (2)');
  const [early, late] = ['2026-01-01T00:00:00.000Z', '2026-01-01T12:00:00.000Z'] as const;
  const stateWith = (...measured: (typeof tested)[]) => stateOf({ measured, latency: latency(0.008) }, 'latency');
  expect(stateWith(at(early, tested), at(late, fixed))).toBe('holds');
  expect(stateWith(at(late, tested), at(early, fixed))).toBe('fails');
});

test('the strictest latency of the domains on the cluster applies, also of a domain without a planned cluster', () => {
  const { analysis } = tested;
  const inputs = goInputs({ orders: { tps: 500, analysis }, pay: { tps: 400, analysis } });
  const source = { id: 'plan', kind: 'plan' as const, name: 'plan.json', sha256: '' };
  const missedWith = (...seconds: number[]) => {
    const refused = seconds.flatMap((latencyP99Seconds, index) =>
      refusedDomains(
        { name: index === 0 ? 'orders' : 'pay', demand: { latencyP99Seconds }, placement: { brokers: ['kafka'] } },
        { measurements: [] },
      ),
    );
    const { verdicts } = makeReport({ ...inputs, plan: { plans: { ...plans, clusters: [], refused }, source } });
    return verdicts.map(({ reasons }) => reasons.find(({ code }) => code === 'latency-missed')?.missedLatency);
  };
  const missed = { domain: 'pay', seconds: 0.008, tps: expect.closeTo(800, 0) as number, p99Seconds: 0.01 };
  expect(missedWith(0.1, 0.008)).toMatchObject([missed, missed]);
  expect(missedWith(0.1, 0.05)).toEqual([undefined, undefined]);
});
