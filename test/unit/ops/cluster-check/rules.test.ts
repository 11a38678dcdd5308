import { expect, test } from 'vitest';
import { readTopicSettings } from '../../../../brokers/kafka/lookup/lookup.ts';
import { severities } from '../../../../core/severity.ts';
import type { CheckedCluster } from '../../../../ops/cluster-check/checked-cluster.ts';
import { clusterCheckReport } from '../../../../ops/cluster-check/report.ts';
import { wantedText } from '../../../../ops/cluster-check/rule.ts';
import { areas, readRules } from '../../../../ops/cluster-check/rules.ts';
import { settingsLink } from '../../../support/settings-link.ts';

const rules = readRules();
const words = new Set([
  'id',
  'address',
  'host',
  'pid',
  'store',
  'mountpoint',
  'device',
  'card',
  'value',
  'cluster',
  'server',
  'controller',
  'needed',
]);
const origins = {
  host: ['sysctl', 'host'],
  broker: ['config', 'process', 'jvm', 'store', 'host', 'sysctl', 'cluster'],
  topic: ['topic', 'config', 'cluster'],
  group: ['group'],
  cluster: ['cluster'],
};

test('every area has rules, and rule ids are unique', () => {
  expect(new Set(rules.map(({ area }) => area))).toEqual(new Set(areas));
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

test('every rule uses only facts that its subject has', () => {
  const asked = rules.flatMap(({ id, on, fact, when = {}, must }) => {
    const operands = [must.atLeast, must.atMost, must.above, must.below].flatMap((operand) =>
      typeof operand === 'object' ? operand.fact : [],
    );
    return [fact, ...Object.keys(when), ...operands].map((name) => ({ id, on, origin: name.split('/')[0] ?? '' }));
  });
  expect(asked.filter(({ on, origin }) => !origins[on].includes(origin))).toEqual([]);
});

test('the reasons for a JVM whose broker was not read contain no empty address', () => {
  const process = {
    pid: 7,
    startedAtSeconds: 0,
    cpu: { userSeconds: 0, systemSeconds: 0 },
    memory: { virtualBytes: 0, residentBytes: 0 },
    threads: 1,
    faults: { minor: 0, major: 0 },
    jvm: { mainClass: 'org.apache.rocketmq.broker.BrokerStartup', flags: [] },
    ports: [],
    unread: [],
  };
  const host = { host: 'local' };
  const trouble = 'settings of brokers were not read';
  const place = { broker: { id: 'rocketmq-broker', address: '' }, host, process, addresses: [], trouble };
  const parts = { name: 'local', hosts: [host], brokers: [place], mustNotLose: true };
  const checked: CheckedCluster = { kind: 'rocketmq', ...parts };
  const { unread } = clusterCheckReport({ checked, rules, waivers: [], now: new Date(0), notices: [] });
  const reasons = unread.map(({ reason }) => reason);
  expect(reasons).toContain('address of broker rocketmq-broker unknown');
  expect(reasons).toContain('openFilesLimit of process 7 on host local unknown');
  expect(reasons.filter((reason) => /listens on|has the address in/.test(reason))).toEqual([]);
});

test('every fix uses only known placeholders', () => {
  const strange = rules.flatMap(({ id, fix }) =>
    [...fix.matchAll(/\{(\w+)\}/g)].flatMap(([, word = '']) => (words.has(word) ? [] : `${id}: ${word}`)),
  );
  expect(strange).toEqual([]);
});

test('a shell accepts every fix that begins with a program, because prose stands in a comment', () => {
  const program = /^(kafka-[a-z-]+\.sh|mqadmin|plimsoll|sysctl|echo|cat|grep|ethtool|chronyc|mount -o|prlimit) /;
  const commands = rules.flatMap(({ fix }) => (program.test(fix) ? [fix.replace(/ # .*$/, '')] : []));
  expect(commands.length).toBeGreaterThan(50);
  expect(commands.filter((each) => /[;,] |\(|…| (or|then|and|with|for) /.test(each))).toEqual([]);
  const unnamed = commands.filter((each) => each.startsWith('plimsoll ') && !each.includes('{cluster}'));
  const unserved = commands.filter((each) => each.startsWith('kafka-') && !each.includes('{server}'));
  expect([...unnamed, ...unserved]).toEqual([]);
});

test('a fix names the cluster as it was named, and the file with the credentials', () => {
  const broker = { id: '1', address: '10.0.0.1:9092' };
  const settings = new Map([
    ['leader.replication.throttled.rate', '1000000'],
    ['auto.leader.rebalance.enable', 'false'],
  ]);
  const brokers = [{ broker, addresses: [], settings }];
  const fixes = (more: Partial<CheckedCluster>) => {
    const checked: CheckedCluster = { kind: 'kafka', name: 'shop', hosts: [], brokers, mustNotLose: false, ...more };
    return clusterCheckReport({ checked, rules, waivers: [], now: new Date(0), notices: [] }).findings.map(
      (each) => each.fix,
    );
  };
  const deleted = '--entity-type brokers --entity-name 1 --alter --delete-config leader.replication.throttled.rate';
  const note = '# not while a reassignment runs';
  expect(fixes({})).toContain(`kafka-configs.sh --bootstrap-server 10.0.0.1:9092 ${deleted} ${note}`);
  expect(fixes({ isSecured: true })).toContain(
    `kafka-configs.sh --bootstrap-server 10.0.0.1:9092 --command-config client.properties ${deleted} ${note}`,
  );
  expect(fixes({ isSecured: true })).toContainEqual(
    expect.stringMatching(
      /^kafka-leader-election\.sh --bootstrap-server \S+ --admin.config client.properties --election/,
    ),
  );
});

const fixesFor = (place: Pick<CheckedCluster['brokers'][number], 'settings' | 'ownSettings'>) => {
  const broker = { id: '1', address: '10.0.0.1:9092' };
  const brokers = [{ broker, addresses: [], ...place }];
  const checked: CheckedCluster = { kind: 'kafka', name: 'shop', hosts: [], brokers, mustNotLose: false };
  const { findings } = clusterCheckReport({ checked, rules, waivers: [], now: new Date(0), notices: [] });
  return findings.map(({ fix }) =>
    fix.replace(/^kafka-configs.sh --bootstrap-server 10.0.0.1:9092 --entity-type /, ''),
  );
};

test('a value set on one broker, which overrides the default of all brokers, is deleted too', () => {
  const setting = 'unclean.leader.election.enable';
  const settings = new Map([[setting, 'true']]);
  const shared = `brokers --entity-default --alter --add-config ${setting}=false`;
  expect(fixesFor({ settings })).toEqual([shared]);
  const deleted = `kafka-configs.sh --bootstrap-server 10.0.0.1:9092 --entity-type brokers --entity-name 1 --alter --delete-config ${setting}`;
  expect(fixesFor({ settings, ownSettings: new Set([setting]) })).toEqual([`${shared} && ${deleted}`]);
});

test('threads are never lowered: request handlers are raised to the network threads', () => {
  const settings = new Map([
    ['num.io.threads', '32'],
    ['num.network.threads', '48'],
  ]);
  expect(fixesFor({ settings })).toEqual([
    expect.stringContaining('brokers --entity-name 1 --alter --add-config num.io.threads=48 #'),
  ]);
});

test('leader elections name either one topic or all', () => {
  // LeaderElectionCommand of Kafka: "One and only one of the following options is required".
  const elections = rules.map(({ fix }) => fix).filter((fix) => fix.includes('kafka-leader-election.sh'));
  const scopes = elections.map((fix) => fix.match(/--(topic|all-topic-partitions|path-to-json-file)(?= |$)/g));
  expect(scopes.map((each) => each?.length)).toEqual(elections.map(() => 1));
});

test('a rule whose sources conflict names the one it follows', () => {
  const swappiness = rules.find(({ id }) => id === 'os-swappiness');
  expect(swappiness?.conflict).toContain('1 (os.sh');
  expect(rules.find(({ id }) => id === 'rocketmq-send-threads')?.conflict).toContain('24 or 30');
  expect(rules.filter(({ conflict }) => conflict !== undefined).length).toBeGreaterThanOrEqual(15);
});

test('all three severities are in use', () =>
  expect(new Set(rules.map(({ severity }) => severity))).toEqual(new Set(severities)));

test('describes the wanted value in words', () => {
  expect(wantedText({ atMost: 10 })).toBe('at most 10');
  expect(wantedText({ above: 0, atMost: 3000 })).toBe('at most 3000 and above 0');
  expect(wantedText({ atLeast: { fact: 'host/cores', times: 2, plus: 16 } })).toBe('at least 2 × host/cores + 16');
  expect(wantedText({ oneOf: ['madvise', 'never'] })).toBe('one of madvise, never');
  expect(wantedText({ equals: '' })).toBe('(empty)');
});

/** @returns the setting in the fix of each finding about retention */
function retentionFixes(parts: Pick<CheckedCluster, 'brokers'> & Partial<CheckedCluster>): string[] {
  const checked: CheckedCluster = { kind: 'kafka', name: 'shop', hosts: [], mustNotLose: false, ...parts };
  const { findings } = clusterCheckReport({ checked, rules, waivers: [], now: new Date(0), notices: [] });
  return findings.flatMap(({ rule, fix }) =>
    /^(kafka-log|topic)-retention$/.test(rule) ? [fix.replace(/^.*--add-config /, '')] : [],
  );
}

const unlimited = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' };
const tiered = {
  ...unlimited,
  'remote.storage.enable': 'true',
  'local.retention.ms': '-2',
  'local.retention.bytes': '-2',
};

test.each<[string, Record<string, string>, string[], string?]>([
  ['that is not tiered and has no limit', unlimited, ['retention.ms=604800000']],
  ['that is tiered and has no limit', tiered, ['local.retention.ms=604800000']],
  ['that is tiered and keeps an hour on disk', { ...tiered, 'local.retention.ms': '3600000' }, []],
  ['that is tiered and keeps 1 GiB on disk', { ...tiered, 'local.retention.bytes': '1073741824' }, []],
  ['that is tiered and keeps a day', { ...tiered, 'retention.ms': '86400000' }, []],
  ['that Confluent Platform tiers', { ...unlimited, 'confluent.tier.enable': 'true' }, []],
  ['with the state of remote storage', unlimited, [], '__remote_log_metadata'],
  ['with the state of remote storage of Confluent Platform', unlimited, [], '_confluent-tier-state'],
  ['that Kafka Streams cleans', unlimited, [], 'shop-KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition'],
])('the retention finding for a topic %s has the right fix', async (_, values, fixes, topic = 'archive') => {
  const io = { signal: new AbortController().signal };
  const { topics: topicSettings } = await readTopicSettings(settingsLink(values), [topic], io);
  const partition = { topic, partition: 0, leader: '1', replicas: ['1'], inSyncReplicas: ['1'] };
  const snapshot = {
    cluster: { name: 'shop', kind: 'kafka' as const, brokers: [] },
    topics: [{ name: topic, internal: false, partitions: [partition] }],
    offsets: [],
    groups: [],
    sections: [],
  };
  expect(retentionFixes({ brokers: [], snapshot, topicSettings })).toEqual(fixes);
});

const byDefault = { 'log.retention.hours': '168', 'log.retention.minutes': '(not set)', 'log.retention.bytes': '-1' };
const local = { 'log.local.retention.ms': '-2', 'log.local.retention.bytes': '-2' };
const remote = { ...byDefault, ...local, 'remote.log.storage.system.enable': 'true', 'log.retention.ms': '-1' };

test.each<[string, Record<string, string>, string[]]>([
  ['with the defaults', { ...byDefault, ...local, 'log.retention.ms': '(not set)' }, []],
  ['without remote storage', { ...byDefault, ...local, 'log.retention.ms': '-1' }, ['log.retention.ms=604800000']],
  ['with remote storage', remote, ['log.local.retention.ms=604800000']],
  ['with remote storage and an hour on disk', { ...remote, 'log.local.retention.ms': '3600000' }, []],
])('the retention finding for a broker %s has the right fix', (_, values, fixes) => {
  const broker = { id: '1', address: '10.0.0.1:9092' };
  const place = { broker, addresses: [], settings: new Map(Object.entries(values)) };
  expect(retentionFixes({ brokers: [place] })).toEqual(fixes);
});

test.each<[string, string, string[]]>([
  ['without tiered storage', '', ['rocketmq-retention']],
  ['with tiered storage', 'org.apache.rocketmq.tieredstore.TieredMessageStore', []],
])('judges twelve hours of retention in the commit log of a RocketMQ broker %s', (_, plugIn, expected) => {
  const settings = new Map([
    ['fileReservedTime', '12'],
    ['messageStorePlugIn', plugIn],
  ]);
  const place = { broker: { id: 'broker-a:0', address: '10.0.0.1:10911' }, addresses: [], settings };
  const parts = { name: 'shop', hosts: [], brokers: [place], mustNotLose: false };
  const checked: CheckedCluster = { kind: 'rocketmq', ...parts };
  const { findings } = clusterCheckReport({ checked, rules, waivers: [], now: new Date(0), notices: [] });
  expect(findings.map(({ rule }) => rule).filter((rule) => rule === 'rocketmq-retention')).toEqual(expected);
});

test.each<[string, number, number, string | undefined]>([
  ['in 29 days', 29, 365, 'b1:9093 expires in 29 days'],
  ['in 31 days', 31, 365, undefined],
  ['a day ago', -1, 365, 'b1:9093 expired'],
  ['in 2 days, of 7', 2, 7, undefined],
  ['in 1 day, of 7', 1, 7, 'b1:9093 expires in 1 day'],
])('judges a certificate that expires %s', (_, daysLeft, lifetimeDays, expected) => {
  const now = new Date('2026-11-29T00:00:00Z');
  const day = 86_400;
  const certificate = {
    address: 'b1:9093',
    expiresAtMs: now.getTime() + 1000 * day * daysLeft,
    lifetimeSeconds: lifetimeDays * day,
  };
  const cluster = { name: 'shop', kind: 'kafka' as const, brokers: [] };
  const snapshot = { cluster, topics: [], offsets: [], groups: [], sections: [], certificates: [certificate] };
  const checked: CheckedCluster = { kind: 'kafka', name: 'shop', hosts: [], brokers: [], mustNotLose: false, snapshot };
  const { findings } = clusterCheckReport({ checked, rules, waivers: [], now, notices: [] });
  expect(findings.find(({ rule }) => rule === 'certificates-expire')?.found).toBe(expected);
});

const ofAYear = (address: string, daysLeft: number) => ({
  address,
  expiresAtMs: daysLeft * 86_400_000,
  lifetimeSeconds: 365 * 86_400,
});

/** The report on two brokers with these certificates, at the time 0. */
function expiryReport(certificates: ReturnType<typeof ofAYear>[] | undefined) {
  const brokers = ['1', '2'].map((id) => ({ id, address: `b${id}:9093` }));
  const cluster = { name: 'shop', kind: 'kafka' as const, brokers };
  const snapshot = {
    cluster,
    topics: [],
    offsets: [],
    groups: [],
    sections: [],
    ...(certificates && { certificates }),
  };
  const checked: CheckedCluster = { kind: 'kafka', name: 'shop', hosts: [], brokers: [], mustNotLose: false, snapshot };
  const report = clusterCheckReport({ checked, rules, waivers: [], now: new Date(0), notices: [] });
  const ofRule = <Each extends { rule: string }>(all: readonly Each[]) =>
    all.find(({ rule }) => rule === 'certificates-expire');
  return {
    found: ofRule(report.findings)?.found,
    notApplicable: ofRule(report.notApplicable)?.reason,
    unread: ofRule(report.unread)?.reason,
  };
}

test('certificates are judged neither without TLS nor while those of a broker cannot be read', () => {
  expect(expiryReport(undefined)).toEqual({ notApplicable: 'cluster shop is read without TLS' });
  const unread = 'the TLS certificates of b2:9093 could not be read';
  expect(expiryReport([ofAYear('b1:9093', 300)])).toEqual({ unread });
  expect(expiryReport([ofAYear('b1:9093', 300), ofAYear('b2:9093', 200)])).toEqual({});
  const found = 'b1:9093 expires in 10 days, b2:9093 could not be read';
  expect(expiryReport([ofAYear('b1:9093', 10)])).toEqual({ found });
});
