import { describe, expect, test } from 'vitest';
import type { ClusterSettings, GoCase, Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { joinFiles } from '../../../../../analyzer/evidence/importers/joined/joined-run.ts';
import { unmeasuredSlos } from '../../../../../analyzer/verdict/limits/slo-limit.ts';
import { proofOf } from '../../../../../analyzer/review/capacity-report/proofs.ts';
import type { RecordedSettings } from '../../../../../core/documents/evidence/recorded-settings.ts';
import type { ReplicaRow } from '../../../../../core/documents/evidence/replica-placement.ts';
import { actionText, reasonCodes, reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import type { Analysis } from '../../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../../../core/policy/policy.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { nothingStated } from '../../../../support/load-test-files.ts';
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
  compressed,
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
  ofFiles,
  twoNeeded,
  withGroup,
  withTlsListener,
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
        missing: [{ what: 'group-rate', of: 'billing', in: '1,400' }],
        targetTps: 1010,
        seconds: 600,
      },
    ]);
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

  test('a test with messages of the size of the domain, or larger, or slightly smaller, proves a rate', () => {
    for (const messageBytes of [100, 1000, 1050]) expect(codesOf({ messageBytes })).toEqual(['proven']);
    expect(codesOf({ messageBytes: 1060 })).toEqual(['messages-too-small']);
    expect(reasonOf({ messageBytes: 2048 }, 'messages-too-small')).toMatchObject({
      testedBytes: 1000,
      neededBytes: 2048,
    });
  });

  test('compressed messages count by their compressed size, which is unknown for a domain without a ratio', () => {
    const given = { measured: [compressed], messageBytes: 1000 };
    const unknown = reasonOf(given, 'message-size-unknown') as Reason;
    expect(unknown).toMatchObject({ subjects: ['analysis orders'], missing: [{ what: 'compression-ratio' }] });
    expect(reasonText(unknown, 'en')).toContain('Missing: compression ratio of the messages of the domain.');
    expect(actionText(unknown, 'en')).toContain('`compressionRatio`');
    const small = reasonOf({ ...given, compressionRatio: 1 }, 'messages-too-small') as Reason;
    expect(small).toMatchObject({ testedBytes: 250, neededBytes: 1000, neededRatio: 1 });
    expect(actionText(small, 'en')).toContain('(`plimsoll run --message-size 1000`, `compression: none` in');
    const packed = reasonOf({ ...given, messageBytes: 3000, compressionRatio: 2 }, 'messages-too-small') as Reason;
    expect(actionText(packed, 'en')).toContain('(`plimsoll run --message-size 3000`, `compressionRatio: 2` in');
    const large: Partial<GoCase>[] = [
      { ...given, compressionRatio: 4 },
      { ...given, messageBytes: 250 },
      { messageBytes: 4000, compressionRatio: 4 },
    ];
    for (const each of large) expect(stateOf(each, 'message-size')).toBe('holds');
    const neighbors = [{ domain: 'pay', measured: [], messageBytes: 1000 }];
    expect(reasonOf({ ...given, compressionRatio: 4, neighbors }, 'message-size-unknown')?.missing).toEqual([
      { what: 'compression-ratio', of: 'pay' },
    ]);
  });

  test('messages in files of other tools may be compressed, which is a condition, and written readings are read once', () => {
    const decision = decisionOf({ measured: [ofFiles] });
    expect(decision).toMatchObject({ decision: 'conditions', reasons: [{ code: 'test-compression-unknown' }] });
    const [reason] = decision.reasons as [Reason];
    expect(reasonText(reason, 'en')).toContain('were compressed: analysis orders.');
    expect(reasonText(reason, 'zh')).toContain('压测消息是否压缩：analysis orders。');
    expect(codesOf({ measured: [ofFiles], messageBytes: 2048 })).toContain('messages-too-small');
    const { run } = proven.analysis;
    const written: Measured = { ...proven, analysis: { ...proven.analysis, run: { ...run, origin: 'readings' } } };
    expect(decisionOf({ measured: [written] })).toMatchObject({
      decision: 'conditions',
      reasons: [{ code: 'read-once' }],
    });
  });

  test('a test without the TLS of the brokers, or the compression of a domain, is a condition', () => {
    const of = (tls: boolean | undefined, change: Partial<GoCase> = {}) => {
      const tested = withTlsListener(tls);
      const settings = goCase.settings.map((each) => ({ ...each, fingerprint: tested.analysis.fingerprint ?? {} }));
      return { measured: [tested], settings, ...change };
    };
    expect(codesOf(of(true))).toEqual(['proven']);
    expect(decisionOf(of(false))).toMatchObject({ decision: 'conditions', reasons: [{ code: 'tls-not-tested' }] });
    expect(reasonOf(of(undefined), 'tls-not-tested')?.subjects).toEqual(['analysis orders (tls=unknown)']);
    const found = ({ measured: [one] }: ReturnType<typeof of>) =>
      one?.analysis.findings.find(({ code }) => code === 'tls-not-tested')?.message;
    expect(found(of(false))).toContain('The load was sent without TLS, but brokers have listeners with TLS (SSL)');
    expect([found(of(undefined)), found(of(true))]).toEqual([expect.stringContaining('was not recorded'), undefined]);
    // Strimzi shows them so: only brokers use the listener with TLS.
    const map = 'CONTROLPLANE-9090:SSL,REPLICATION-9091:SSL,PLAIN-9092:PLAINTEXT';
    const replication = withTlsListener(false, {
      listeners: 'REPLICATION-9091://0.0.0.0:9091,PLAIN-9092://0.0.0.0:9092',
      'controller.listener.names': 'CONTROLPLANE-9090',
      'inter.broker.listener.name': 'REPLICATION-9091',
      'listener.security.protocol.map': map,
    });
    const ofAlways = withTlsListener(undefined, {
      listeners: 'SSL://10.0.0.1:9093,CONTROLLER://10.0.0.1:9094',
      'inter.broker.listener.name': 'SSL',
    });
    for (const each of [replication, ofAlways]) {
      expect(codesOf({ measured: [each] })).not.toContain('tls-not-tested');
      expect(each.analysis.findings.map(({ code }) => code)).not.toContain('tls-not-tested');
    }
    // Only the current settings have the listener.
    const added = { ...of(false), measured: [proven] };
    expect(stateOf(added, 'replication')).toBe('fails');
    expect(decisionOf({ compressionRatio: 2 })).toMatchObject({
      decision: 'conditions',
      reasons: [{ code: 'compression-not-tested', subjects: ['analysis orders'] }],
    });
    expect(stateOf({ measured: [compressed], compressionRatio: 4 }, 'replication')).toBeUndefined();
    const { run } = proven.analysis;
    const rocketmq: Measured = { ...proven, analysis: { ...proven.analysis, run: { ...run, broker: 'rocketmq' } } };
    expect(codesOf({ measured: [rocketmq], compressionRatio: 2 })).not.toContain('compression-not-tested');
  });

  test('a test with an unknown message size proves nothing, but a natural peak has the size of the domain', () => {
    const { messageBytes: _, ...run } = proven.analysis.run;
    const unsized: Measured = { ...proven, analysis: { ...proven.analysis, run } };
    expect(codesOf({ measured: [unsized] })).toEqual(['message-size-unknown']);
    const natural: Measured = { ...unsized, analysis: { ...unsized.analysis, run: { ...run, origin: 'production' } } };
    expect(stateOf({ measured: [natural], messageBytes: undefined }, 'message-size')).toBe('holds');
  });

  test('a test with fewer replicas than planned, or with weaker acks, is no test of the planned cluster', () => {
    const planned = { plannedReplicas: 3, plannedLoss: 'acknowledged' as const, survives: 'none' as const };
    const acks = (of: 'all' | 'leader', run = recordedRun()) =>
      measured({ ...run, document: { ...run.document, workload: { ...run.document.workload, acks: of } } });
    expect(codesOf({ ...planned, measured: [acks('all')] })).toEqual(['proven']);
    expect(stateOf({ ...planned, measured: [acks('all')] }, 'replication')).toBe('holds');
    const single = { ...threeBrokers, rows: [{ leader: '1', replicas: ['1'], partitions: 12 }], replicationFactor: 1 };
    const weak = { ...planned, measured: [acks('leader', recordedRun(single))] };
    expect(codesOf(weak)).toEqual(['too-few-replicas', 'acks-too-weak']);
    expect(stateOf(weak, 'replication')).toBe('fails');
    expect(reasonOf(weak, 'too-few-replicas')).toMatchObject({ neededReplicas: 3, subjects: ['analysis orders (1)'] });
    expect(reasonOf(weak, 'acks-too-weak')?.subjects).toEqual(['analysis orders (acks=leader)']);
    expect(codesOf({ ...planned, plannedLoss: 'may-lose', measured: [acks('leader')] })).toEqual(['proven']);
    // Without a plan, acks=leader accepts the loss of messages that only a lost broker acknowledged.
    expect(codesOf({ measured: [acks('all')] })).toEqual(['proven']);
    expect(codesOf({ measured: [acks('leader')] })).toEqual(['acks-too-weak']);
    expect(codesOf({ measured: [acks('leader')], survives: 'none' })).toEqual(['proven']);
  });

  test('unrecorded or unplanned replicas and acks decide nothing, and neither does live traffic', () => {
    const { fingerprint: _, ...unrecorded } = proven.analysis;
    const planned = { plannedReplicas: 4, plannedLoss: 'never' as const };
    const of = (analysis: Measured['analysis'], change: Partial<GoCase> = planned) =>
      stateOf({ ...change, measured: [{ ...proven, analysis }] }, 'replication');
    expect(of(unrecorded)).toBeUndefined();
    expect(of(proven.analysis, {})).toBeUndefined();
    expect(of({ ...proven.analysis, run: { ...proven.analysis.run, origin: 'production' } })).toBeUndefined();
    expect(of(proven.analysis)).toBe('fails');
  });

  test('a test with fewer consumer groups than declared is no test of the domain, even if another verdict has the rest', () => {
    const [reads] = proven.analysis.consumerGroups ?? [];
    if (reads === undefined) throw new Error('no group');
    const { fingerprint: _, ...rest } = proven.analysis;
    const of = (names: readonly string[]): Measured['analysis'] => ({
      ...rest,
      run: { ...rest.run, origin: 'production' },
      consumerGroups: names.map((group) => ({ ...reads, group })),
    });
    const pooled = { measured: [proven, { source: 'production', analysis: of(['audit', 'search', 'risk']) }] };
    expect(stateOf({ ...pooled, declaredGroups: 4 }, 'groups')).toBe('holds');
    expect(stateOf({ ...pooled, declaredGroups: 4 }, 'replication')).toBe('fails');
    expect(decisionOf({ ...pooled, declaredGroups: 4 }).decision).toBe('no-go');
    const reason = reasonOf({ ...pooled, declaredGroups: 4 }, 'too-few-groups') as Reason;
    expect(reason).toMatchObject({ neededGroups: 4, subjects: ['analysis orders (groups=1)'] });
    expect(actionText(reason, 'en')).toContain('plimsoll run --groups 4');
    // Three groups read each message in production.
    expect(reasonOf({ ...pooled, declaredGroups: 1 }, 'too-few-groups')).toMatchObject({ neededGroups: 3 });
    const one = { measured: [proven, { source: 'production', analysis: of(['audit']) }] };
    expect(stateOf({ ...one, declaredGroups: 1 }, 'replication')).toBeUndefined();
    expect(stateOf(one, 'replication')).toBeUndefined();
    const unrecorded = { measured: [{ ...proven, analysis: rest }], declaredGroups: 4 };
    expect(codesOf(unrecorded)).not.toContain('too-few-groups');
  });

  test('RocketMQ replicas are a master and its slaves, whatever the replication factor of the topic', () => {
    const slaves = { ...threeBrokers, broker: 'rocketmq' as const, cards: { 'a:0': 6.25e6, 'a:1': 6.25e6 } };
    const rows = [{ leader: 'a:0', replicas: ['a:0', 'a:1'], partitions: 12 }];
    const tested = { measured: [measured(recordedRun({ ...slaves, rows }))] };
    expect(stateOf({ ...tested, plannedReplicas: 2 }, 'replication')).toBe('holds');
    expect(reasonOf({ ...tested, plannedReplicas: 3 }, 'too-few-replicas')?.subjects).toEqual(['analysis orders (2)']);
  });

  test('acks=leader is as strong as acks=all if no replica is awaited: without replicas, or with asynchronous masters', () => {
    const slaves = { ...threeBrokers, broker: 'rocketmq' as const, cards: { 'a:0': 6.25e6, 'a:1': 6.25e6 } };
    const rows = [{ leader: 'a:0', replicas: ['a:0', 'a:1'], partitions: 12 }];
    const withRole = (brokerRole: string) =>
      recordedRun({ ...slaves, rows }, 1, (id) => ({ brokerRole: id === 'a:0' ? brokerRole : 'SLAVE' }));
    const single = { ...threeBrokers, rows: [{ leader: '1', replicas: ['1'], partitions: 12 }], replicationFactor: 1 };
    const stateWith = (acks: 'leader' | 'none', run = recordedRun()) => {
      const workload = { ...run.document.workload, acks };
      return stateOf({ measured: [measured({ ...run, document: { ...run.document, workload } })] }, 'replication');
    };
    expect(stateWith('leader', withRole('ASYNC_MASTER'))).toBeUndefined();
    expect(stateWith('leader', withRole('SYNC_MASTER'))).toBe('fails');
    const electing = (setting: string) => recordedRun({ ...slaves, rows }, 1, () => ({ [setting]: 'true' }));
    expect(stateWith('leader', electing('enableDLegerCommitLog'))).toBeUndefined();
    expect(stateWith('none', electing('enableDLegerCommitLog'))).toBe('fails');
    expect(stateWith('leader', electing('enableControllerMode'))).toBe('fails');
    expect(stateWith('leader', recordedRun(single))).toBeUndefined();
    expect(stateWith('leader')).toBe('fails');
    expect(stateWith('none', recordedRun(single))).toBe('fails');
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
      /^Consumer group audit: its rate is only certain to \d+ msg\/s \(lower end of its interval\), below its share /,
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

describe('disk space', () => {
  const mostTps = proven.analysis.retention?.tps ?? NaN;
  const conditionOf = (change: Partial<GoCase>) =>
    decisionOf(change).conditions.find(({ condition }) => condition === 'disk-space');

  test('has to be enough for the average load over the retention, whatever rate was sustained', () => {
    expect(mostTps).toBeGreaterThan(4000);
    expect(mostTps).toBeLessThan(6000);
    const fitting = { averageTps: 0.9 * mostTps };
    expect([codesOf(fitting), conditionOf(fitting)]).toMatchObject([['proven'], { state: 'holds', basis: 'measured' }]);
    const estimate = {
      ...(proven.analysis.retention as NonNullable<Analysis['retention']>),
      basis: 'message-size' as const,
    };
    const light = [{ ...proven, analysis: { ...proven.analysis, retention: estimate } }];
    expect(conditionOf({ measured: light })).toMatchObject({ state: 'holds', basis: 'estimated' });
    const full = { averageTps: 2 * mostTps };
    expect(decisionOf(full)).toMatchObject({ decision: 'no-go', reasons: [{ code: 'retention-below-average' }] });
    expect(reasonText(reasonOf(full, 'retention-below-average') as Reason, 'en')).toMatch(
      /^The disks keep messages for 3 days only up to an average of \d[\d,]* msg\/s\. .* is equivalent to \d[\d,]* msg\/s\.$/,
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
    const retention = { ...(analysis.retention as NonNullable<Analysis['retention']>), tps: 1 };
    const ofBroker = { source, analysis: { ...analysis, retention } };
    expect([ofBroker.analysis.redline?.broker, stateOf({ measured: [proven, ofBroker] }, 'disk-space')]).toEqual([
      '1',
      'holds',
    ]);
    const { findings, retention: __, ...rest } = analysis;
    const unknown = findingOf('retention-unknown', { unknown: 'size', nodes: ['2'], retentionSeconds: 259_200 });
    const alone = { source, analysis: { ...rest, findings: [...findings, unknown] } };
    // Its disks, if known, would not count.
    expect(conditionOf({ measured: [alone] })).toMatchObject({ state: 'unknown', missing: [{ what: 'retention' }] });
    expect(actionText({ code: 'disk-space-unknown', missing: [{ what: 'retention' }] }, 'en')).toContain(
      'a redline does not count',
    );
  });

  test('is unknown where a topic keeps messages longer than the verdict assumes, or may do so', () => {
    const withSettings = (change: Partial<RecordedSettings>) => {
      const run = recordedRun();
      const { settings = expect.fail('settings') } = run.document;
      return measured({ ...run, document: { ...run.document, settings: { ...settings, ...change } } });
    };
    const audit = (seconds?: number) =>
      withSettings({ longestRetention: [{ topic: 'audit', hasSizeLimit: false, ...(seconds && { seconds }) }] });
    const missing = [{ what: 'longest-retention', in: 'analysis orders' }];
    for (const each of [audit(2_592_000), audit(), withSettings({ unreadTopics: 2 })]) {
      expect(conditionOf({ measured: [each] })).toMatchObject({ state: 'unknown', missing });
      expect(codesOf({ measured: [each] })).toEqual(['disk-space-unknown']);
    }
    expect(codesOf({ measured: [audit(259_200)] })).toEqual(['proven']);
    expect(codesOf({ measured: [audit(86_400)] })).toEqual(['proven']);
  });

  test('is a condition of GO, and no NO-GO, where a retention, a disk or an average is unknown', () => {
    const { retention: _, ...withoutRetention } = proven.analysis;
    const withoutDisk = (() => {
      const run = recordedRun();
      const hosts = [...run.hosts].map(([host, series]) => {
        if (host !== 'host-1' || series.inventory === undefined) return [host, series] as const;
        const { disks: __, ...inventory } = series.inventory;
        return [host, { ...series, inventory }] as const;
      });
      return measured({ ...run, hosts: new Map(hosts) });
    })();
    const open: readonly [Partial<GoCase>, missing: unknown, setting: string][] = [
      [{ measured: [{ ...proven, analysis: withoutRetention }] }, { what: 'retention' }, '`analyzer.retention`'],
      [{ measured: [withoutDisk] }, { what: 'disk-sizes', in: 'analysis orders' }, '`retention-unknown`'],
      [
        { measured: [{ ...withoutDisk, analysis: { ...withoutDisk.analysis, retention: undefined } }] },
        { what: 'disk-sizes', in: 'analysis orders' },
        '`retention-unknown`',
      ],
      [{ withoutAverage: ['pay'] }, { what: 'average-load', of: 'pay' }, '`averageTps`'],
    ];
    for (const [change, missing, setting] of open) {
      expect(decisionOf(change)).toMatchObject({
        decision: 'conditions',
        reasons: [{ code: 'disk-space-unknown', missing: [missing] }],
      });
      expect(conditionOf(change)).toEqual({ condition: 'disk-space', state: 'unknown', missing: [missing] });
      expect(actionText(reasonOf(change, 'disk-space-unknown') as Reason, 'en')).toContain(setting);
    }
    // Its other disks are too small, and another verdict has all of them.
    expect(conditionOf({ measured: [withoutDisk], averageTps: 2 * mostTps })?.state).toBe('fails');
    expect(conditionOf({ measured: [withoutDisk, proven] })?.state).toBe('holds');
    expect(conditionOf({ withoutAverage: ['pay'], averageTps: 2 * mostTps })?.state).toBe('fails');
  });

  test('is limited by the lowest average of all verdicts of the cluster', () => {
    const neighbors = [{ domain: 'pay', measured: [proven], messageBytes: 1000 }];
    expect(conditionOf({ neighbors, averageTps: 2 * mostTps })?.state).toBe('fails');
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
