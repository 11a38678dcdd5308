import { describe, expect, test } from 'vitest';
import type { ClusterSettings, GoCase, Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { joinFiles } from '../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { unmeasuredSlos } from '../../../../../analyzer/verdict/limits/slo-limit.ts';
import { proofOf } from '../../../../../analyzer/review/capacity-report/proofs.ts';
import type { ReplicaRow } from '../../../../../core/documents/evidence/replica-placement.ts';
import { actionText, reasonCodes, reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import type { Policy } from '../../../../../core/policy/policy.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { nothingStated } from '../../../../support/load-test-files.ts';
import { withCpuShares } from '../../../../support/placed-run.ts';
import {
  goCase,
  measured,
  policy,
  proven,
  recordedRun,
  soonConfirmed,
  threeBrokers,
  withoutBrokers,
} from '../../../../support/go-case.ts';
import {
  changed,
  codesOf,
  decisionOf,
  elsewhere,
  findSafe,
  lower,
  peak,
  predicted,
  reaching,
  reasonOf,
  slowCard,
  stateOf,
  twoNeeded,
  withGroup,
} from '../../../../support/go-decisions.ts';

const atTime = (at: string): ClusterSettings[] => goCase.settings.map((each) => ({ ...each, at }));

test.each(reasonCodes)('a case exists for reason %s', (code) => {
  expect(codesOf(reaching[code])).toContain(code);
});

describe('GO', () => {
  test('needs every condition, and names the proof of the rate', () => {
    const { decision, reasons, conditions, proof } = decisionOf({});
    expect([decision, reasons.map(({ code }) => code)]).toEqual(['go', ['proven']]);
    expect(conditions.map(({ condition, state }) => [condition, state])).toEqual([
      ['proof', 'holds'],
      ['after-loss', 'holds'],
      ['catch-up', 'holds'],
      ['disk-space', 'holds'],
      ['groups', 'holds'],
      ['message-size', 'holds'],
      ['one-cluster', 'holds'],
      ['findings', 'holds'],
      ['monitoring', 'holds'],
      ['drift', 'holds'],
      ['lifetime', 'holds'],
    ]);
    expect(conditions[0]).toMatchObject({ basis: 'measured', tps: proof?.tps, subject: 'analysis orders' });
    expect(conditions.find(({ condition }) => condition === 'after-loss')).toMatchObject({ basis: 'computed' });
    expect(proof).toMatchObject({ origin: 'load-test', seconds: 12, source: 'analysis orders' });
  });

  test('a prediction alone is a condition, and names the rate to test', () => {
    const { decision, reasons } = decisionOf({ measured: [predicted], confirmationSeconds: 600 });
    expect(decision).toBe('conditions');
    expect(reasons).toEqual([
      { code: 'not-confirmed', tps: expect.any(Number), neededTps: 1000, targetTps: 1010, seconds: 600 },
      {
        code: 'groups-not-confirmed',
        missing: [{ what: 'group-rate-brief', of: 'billing', in: '1,400' }],
        targetTps: 1010,
        seconds: 600,
      },
    ]);
  });

  test('a busy resource that no law explains puts higher rates in doubt, but neither the held one nor lower ones after a loss', () => {
    const run = recordedRun({ ...threeBrokers, rates: [600, 700, 800, 900, 1000] });
    const doubtful = measured(withCpuShares(run, [0.62, 0.5, 0.66, 0.55, 0.65]));
    expect(doubtful.analysis.findings.map(({ code }) => code)).toContain('use-unexplained');
    expect(codesOf({ measured: [doubtful], survives: 'none' })).toEqual(['proven']);
    expect(codesOf({ measured: [doubtful], peakTps: { low: 500, mid: 600, high: 700 } })).toEqual(['proven']);
  });

  test('a step shorter than the confirmation time of the report proves nothing', () => {
    expect(proofOf(proven, 12)?.tps).toBeCloseTo(1400, -1);
    expect(proofOf(proven, 600)).toBeUndefined();
  });

  test('a test from files without host metrics is not monitored, whether it sustained its rate or not', () => {
    const text = `time,rate\n${Array.from({ length: 20 }, (_, index) => `${10 * index},5000\n`).join('')}`;
    const files = [{ name: 't.csv', bytes: Buffer.from(text) }];
    const run = joinFiles(files, { ...nothingStated, columns: { time: 'time', rate: 'rate' } });
    const [held, briefly] = [measured(run), measured(run, examplePolicy())];
    expect([held.analysis.held?.tps, briefly.analysis.held?.tps]).toEqual([5000, undefined]);
    for (const each of [held, briefly]) {
      expect(reasonOf({ measured: [each] }, 'not-monitored')?.subjects).toEqual(['hosts of the brokers']);
    }
  });

  test('an SLO without a measurement is not monitored, even if the test sustained its rate', () => {
    const slo = { endToEndP99: { value: 0.5, source: 'plimsoll.yaml' } };
    const unmeasured = measured(recordedRun(), { ...soonConfirmed, slo });
    expect(unmeasured.analysis.held?.tps).toBeCloseTo(1400, 0);
    expect(reasonOf({ measured: [unmeasured] }, 'not-monitored')?.subjects).toEqual(['latency or lag of the SLO']);
  });

  test('live traffic measures no SLO, so a test that measured it counts, up to its sustained rate', () => {
    const publishLatencyP99 = { value: 0.1, source: 'plimsoll.yaml' };
    const tested = (rates: readonly number[]): Measured => {
      const run = recordedRun({ ...threeBrokers, rates });
      const steps = run.steps.map((step) => ({ ...step, latencySeconds: { p50: 0.01, p99: 0.02, p999: 1, max: 1 } }));
      return measured({ ...run, steps }, { ...soonConfirmed, slo: { publishLatencyP99 } });
    };
    const heldIn = (origin: 'production' | 'redline', { analysis }: Measured): Measured => ({
      source: origin,
      analysis: {
        ...analysis,
        run: { ...analysis.run, origin },
        findings: [...analysis.findings, ...unmeasuredSlos({ ...soonConfirmed, slo: { publishLatencyP99 } })],
      },
    });
    const [measuring, live] = [tested(threeBrokers.rates), heldIn('production', proven)];
    expect(reasonOf({ measured: [live] }, 'not-monitored')?.subjects).toEqual(['latency or lag of the SLO']);
    for (const origin of ['production', 'redline'] as const)
      expect(stateOf({ measured: [measuring, heldIn(origin, proven)] }, 'monitoring')).toBe('holds');
    // Neither reached the peak: a further test is the condition.
    const short = { measured: [tested([500, 600, 700]), heldIn('production', lower)], survives: 'none' as const };
    expect(codesOf({ ...short, peakTps: peak(745) })).toEqual(['not-confirmed', 'groups-not-confirmed']);
    // Only live traffic reached it.
    expect(stateOf({ measured: [tested([500, 600, 700]), live] }, 'monitoring')).toBe('unknown');
    const unmeasured = measured(recordedRun(), { ...soonConfirmed, slo: { publishLatencyP99 } });
    expect(stateOf({ measured: [measuring, unmeasured] }, 'monitoring')).toBe('unknown');
  });

  test('a domain that survives no loss needs no N-1 rate', () => {
    const change = { measured: [findSafe], survives: 'none' as const, peakTps: peak(400) };
    expect([stateOf(change, 'after-loss'), stateOf(change, 'catch-up')]).toEqual(['not-required', 'not-required']);
  });

  test('verdicts with another cluster name belong to another cluster', () => {
    const renamed = {
      ...proven,
      analysis: { ...proven.analysis, run: { ...proven.analysis.run, cluster: 'payments' } },
    };
    expect(reasonOf({ measured: [proven, renamed] }, 'different-clusters')?.subjects).toEqual([
      'lab (analysis orders)',
      'payments (analysis orders)',
    ]);
  });

  test('the cluster id that brokers report identifies the cluster, whatever the names of hosts', () => {
    const withId = (clusterId: string, { analysis }: Measured = proven): Measured => ({
      ...proven,
      analysis: { ...analysis, fingerprint: { ...analysis.fingerprint, 'cluster.id': clusterId } },
    });
    expect(codesOf({ measured: [withId('4L6g3nShT-eMCtK')] })).toEqual(['proven']);
    expect(codesOf({ measured: [withId('4L6g3nShT-eMCtK'), withId('4L6g3nShT-eMCtK')] })).toEqual(['proven']);
    expect(codesOf({ measured: [withId('4L6g3nShT-eMCtK'), withId('other')] })).toContain('different-clusters');
    expect(
      stateOf({ measured: [withId('4L6g3nShT-eMCtK'), withId('4L6g3nShT-eMCtK', elsewhere)] }, 'one-cluster'),
    ).toBe('holds');
    expect(
      reasonOf({ measured: [withId('then')], settings: changed({ 'cluster.id': 'now' }) }, 'drift-unknown')?.missing,
    ).toEqual([{ what: 'other-cluster', of: 'then', in: 'now' }]);
  });

  test('a sustained rate without a limit has no N-1 rate, which tests with each broker down provide', () => {
    const atLeast = measured(recordedRun({ ...threeBrokers, cards: { '1': 1.25e9, '2': 1.25e9, '3': 1.25e9 } }));
    expect(atLeast.analysis.safeMaxTps.kind).toBe('at-least');
    expect(reasonOf({ measured: [atLeast] }, 'after-loss-unknown')?.missing).toContainEqual({
      what: 'loss-limit',
      of: 'broker 2',
      in: expect.stringMatching(/closer to the limit|came near/),
    });
    const without = ['1', '2', '3'].map((id) =>
      measured(withoutBrokers(recordedRun(), [id]), soonConfirmed, `without ${id}`),
    );
    expect(stateOf({ measured: [atLeast, ...without] }, 'after-loss')).toBe('holds');
  });

  test('for a sustained rate without a limit, N-1 is computed if its limit is close enough', () => {
    // Three groups read from two leaders instead of three, so each leader sends 20% more.
    const atLeast = measured(
      recordedRun({
        ...threeBrokers,
        cards: { '1': 7.1e6, '2': 7.1e6, '3': 7.1e6 },
        rows: ['1', '2', '3'].map((leader, place, ids) => ({
          leader,
          replicas: [leader, ids[(place + 1) % 3] as string, ids[(place + 2) % 3] as string],
          partitions: 4,
        })),
        groups: 3,
      }),
    );
    expect(atLeast.analysis.safeMaxTps).toMatchObject({ kind: 'at-least', reason: 'no-limit-reached' });
    expect(atLeast.analysis.withoutOne?.map(({ id }) => id).toSorted()).toEqual(['1', '2', '3']);
    expect(stateOf({ measured: [atLeast] }, 'after-loss')).toBe('holds');
  });

  test('a domain that survives the loss of a zone needs known zones', () => {
    expect(codesOf({ survives: 'zone' })).toEqual(['after-loss-unknown']);
    const rows: ReplicaRow[] = [
      { leader: '1', replicas: ['1', '3'], partitions: 3 },
      { leader: '2', replicas: ['2', '4'], partitions: 3 },
      { leader: '3', replicas: ['3', '1'], partitions: 3 },
      { leader: '4', replicas: ['4', '2'], partitions: 3 },
    ];
    const zoned = measured(
      recordedRun({
        ...threeBrokers,
        cards: { '1': 6.25e6, '2': 6.25e6, '3': 6.25e6, '4': 6.25e6 },
        zones: { '1': 'a', '2': 'a', '3': 'b', '4': 'b' },
        rows,
        replicationFactor: 2,
        rates: [4000, 5000, 6000, 7000, 8000],
      }),
    );
    const settings = [{ ...(goCase.settings[0] as ClusterSettings), fingerprint: zoned.analysis.fingerprint ?? {} }];
    expect(decisionOf({ measured: [zoned], settings, survives: 'zone', peakTps: peak(3500) }).decision).toBe('go');
    expect(codesOf({ measured: [zoned], settings, survives: 'zone', peakTps: peak(4000) })).toContain(
      'catch-up-below-peak',
    );
  });

  test('a test with a broker down takes precedence over the computed loss of that broker', () => {
    const without = measured(withoutBrokers(recordedRun(), ['2']), soonConfirmed, 'analysis orders 2');
    const { conditions } = decisionOf({ measured: [slowCard, without], peakTps: peak(1000) });
    expect(conditions.find(({ condition }) => condition === 'after-loss')).toMatchObject({ subject: 'broker 1' });
    expect(decisionOf({ measured: [without] }).reasons.map(({ code }) => code)).toContain('not-measured');
  });

  test('an assumed placement is no basis for a computed loss', () => {
    const assumed = measured(recordedRun({ ...threeBrokers, isRecorded: false }));
    expect(reasonOf({ measured: [assumed] }, 'after-loss-unknown')?.missing).toContainEqual({
      what: 'placement',
      of: 'broker 2',
    });
    // Tests of each loss do not show how much the remaining brokers have to catch up.
    const without = ['1', '2', '3'].map((id) =>
      measured(withoutBrokers(recordedRun(), [id]), soonConfirmed, `without ${id}`),
    );
    const tested = { measured: [assumed, ...without], peakTps: peak(1000) };
    expect([stateOf(tested, 'after-loss'), stateOf(tested, 'catch-up')]).toEqual(['holds', 'unknown']);
  });

  test('a loss after which sends are rejected is one reason, until a test without the broker refutes it', () => {
    expect(codesOf({ measured: [twoNeeded], peakTps: peak(400) })).toEqual(['after-loss-rejects-sends']);
    expect(stateOf({ measured: [twoNeeded], peakTps: peak(400) }, 'catch-up')).toBe('fails');
    const without = ['1', '2', '3'].map((id) =>
      measured(withoutBrokers(recordedRun(), [id]), soonConfirmed, `without ${id}`),
    );
    const tested = { measured: [twoNeeded, ...without], peakTps: peak(400) };
    expect([stateOf(tested, 'after-loss'), stateOf(tested, 'catch-up')]).toEqual(['holds', 'unknown']);
  });

  test('the consumer group of the load generator is the same in a later test, which sustained its rate', () => {
    const ofRun = (id: string, highest: number, by: Policy) => {
      const run = recordedRun({ ...threeBrokers, rates: [600, 800, 1000, 1200, highest] });
      const consumed = run.consumed.map((line) => ({ ...line, group: `plimsoll-${id}-1` }));
      return measured({ ...run, document: { ...run.document, id }, consumed }, by);
    };
    const [brief, held] = [ofRun('a', 1450, policy), ofRun('b', 1400, soonConfirmed)];
    const { consumerGroups = [] } = brief.analysis;
    const higher = {
      ...brief,
      analysis: {
        ...brief.analysis,
        consumerGroups: consumerGroups.map((each) => ({ ...each, seconds: 3 })),
      },
    };
    expect(codesOf({ measured: [higher, held] })).toEqual(['proven']);
  });

  test('a group below its share is reported with the lower bound of its rate, which is not an upper bound', () => {
    const reason = reasonOf({ measured: [withGroup(700)] }, 'group-below-share') as Reason;
    expect(reasonText(reason, 'en')).toMatch(
      /^Consumer group audit: its rate is only certain up to \d+ msg\/s \(lower end of its interval\), below its share /,
    );
    expect(reasonText(reason, 'zh')).toMatch(/^消费组 audit 的消费能力只能确定到 \d+ 条\/秒（区间下端），低于/);
  });

  test('a group below its share is a NO-GO even if a plan closes the gap, since brokers do not make groups faster', () => {
    const plan = { probabilityEnough: 0.95 };
    const drained = withGroup(700);
    const { run } = drained.analysis;
    const own = { ...drained, analysis: { ...drained.analysis, run: { ...run, origin: 'production' as const } } };
    const change = { measured: [own], peakTps: peak(3000), plan };
    expect(decisionOf(change).decision).toBe('no-go');
    expect(codesOf(change)).toContain('group-below-share');
    // A group of the load generator reads as fast as brokers send.
    expect(codesOf({ ...change, measured: [drained] })).toEqual(['plan-closes-gap']);
  });

  test('declared groups that were not measured are missing', () => {
    expect(codesOf({ declaredGroups: 3 })).toEqual(['groups-unknown', 'too-few-groups']);
    expect(codesOf({ declaredGroups: 1 })).toEqual(['proven']);
    expect(stateOf({ declaredGroups: 0, measured: [measured({ ...recordedRun(), consumed: [] })] }, 'groups')).toBe(
      'not-required',
    );
  });
});

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

test('a test of prompt messages proves no rate for delayed ones, which brokers store twice', () => {
  const resume = { workload: { delay: { level: 3 } }, keepTopic: false, ownTopics: [], clusterDigest: '' };
  const run = recordedRun();
  const delayed = measured({ ...run, document: { ...run.document, resume } });
  expect(codesOf({ isDelayed: true })).toEqual(['delay-not-tested']);
  expect(codesOf({ isDelayed: true, measured: [delayed] })).toEqual(['proven']);
});

test('a test needs as many groups as read each message in production', () => {
  const { analysis } = proven;
  const production = (...shares: number[]): Measured => ({
    source: 'production',
    analysis: {
      ...analysis,
      run: { ...analysis.run, origin: 'production' },
      consumerGroups: shares.map((share, index) => ({
        kind: 'measured',
        group: `reader-${index}`,
        tps: 5000,
        interval: { low: 5000, confidence: 0.95 },
        episodes: 3,
        share,
      })),
    },
  });
  const few = { measured: [proven, production(1, 1.01, 0.6, 0.4)] };
  expect(reasonOf(few, 'too-few-groups')).toMatchObject({ neededGroups: 3, subjects: ['analysis orders (groups=1)'] });
  expect(decisionOf(few).decision).toBe('no-go');
  expect(codesOf({ measured: [proven, production(0.6, 0.44)] })).toEqual(['proven']);
  // The group that reads every message has less room than one that reads a part.
  const { conditions } = decisionOf({ measured: [production(0.4, 1)] });
  expect(conditions.find(({ condition }) => condition === 'groups')).toMatchObject({ subject: 'reader-1' });
  // A group that catches up in the window still reads each message once.
  expect(codesOf({ measured: [proven, production(1.3)] })).toEqual(['proven']);
});

test('the step that would prove the rate has the number of groups of the domain', () => {
  const reason = reasonOf({ ...reaching['not-confirmed'], declaredGroups: 1 }, 'not-confirmed') as Reason;
  expect(actionText(reason, 'en')).toContain('`plimsoll run --groups 1`');
});

test.each(['en', 'zh'] as const)('in %s every reason has a distinct text with an action', (language) => {
  const reached = reasonCodes.map((code) => reasonOf(reaching[code], code) as Reason);
  const texts = reached.map((reason) => reasonText(reason, language));
  expect(new Set(texts).size).toBe(reasonCodes.length);
  for (const [place, text] of texts.entries()) {
    expect(`${text} ${actionText(reached[place] as Reason, language)}`).not.toMatch(/undefined|NaN|: [.。]/);
  }
});

test('headroom is the share of the safe maximum above the middle of the peak', () => {
  const safe = decisionOf({}).safeTps ?? 0;
  expect(decisionOf({}).headroom).toBeCloseTo(1 - 900 / safe, 6);
});
