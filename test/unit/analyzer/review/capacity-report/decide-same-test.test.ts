import { describe, expect, test } from 'vitest';
import type { GoCase, Measured } from '../../../../../analyzer/review/capacity-report/go-case.ts';
import { actionText, reasonText, type Reason } from '../../../../../core/documents/reasons/go-reasons.ts';
import { goCase, measured, proven, recordedRun, threeBrokers } from '../../../../support/go-case.ts';
import {
  codesOf,
  compressed,
  decisionOf,
  reasonOf,
  stateOf,
  ofFiles,
  withTlsListener,
} from '../../../../support/go-decisions.ts';

describe('GO', () => {
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

  test('a test with fewer partitions or larger batches than planned is no test of the domain', () => {
    // The test had 12 partitions, and 50 messages in a request.
    expect(codesOf({ plannedPartitions: 24, plannedBatch: 40 })).toEqual(['proven']);
    expect(decisionOf({ plannedPartitions: 25 })).toMatchObject({
      decision: 'conditions',
      reasons: [{ code: 'too-few-partitions', neededPartitions: 25, subjects: ['analysis orders (12)'] }],
    });
    expect(decisionOf({ plannedBatch: 39 })).toMatchObject({
      decision: 'no-go',
      reasons: [{ code: 'batches-too-large', neededBatch: 39, subjects: ['analysis orders (50)'] }],
    });
    const { messagesPerRequest: _, ...run } = proven.analysis.run;
    const unrecorded = { ...proven, analysis: { ...proven.analysis, run } };
    expect(codesOf({ measured: [unrecorded], plannedBatch: 5 })).toEqual(['proven']);
    // One partition has to carry a domain with global order.
    const ordered = { peakTps: 1000, tests: [proven] };
    expect(codesOf({ plannedPartitions: 25, ordered })).not.toContain('too-few-partitions');
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
});
