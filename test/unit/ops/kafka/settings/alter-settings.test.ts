import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { seconds, systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import { alterSettings } from '../../../../../ops/kafka/settings/alter-settings.ts';
import { planSettings } from '../../../../../ops/kafka/settings/plan-settings.ts';
import { readTo } from '../../../../support/group-read-to.ts';

const io = { signal: new AbortController().signal };
const described = { isReadOnly: false, isSecret: false };

/** A broker with one topic in memory. @param inSync by partition, of the replicas 1 and 2 */
function broker(
  own: Record<string, string>,
  topic = 'orders',
  { inSync = [], version = '4.1' }: { inSync?: readonly (readonly string[])[]; version?: string } = {},
) {
  const defaults: Record<string, string> = {
    'retention.ms': '604800000',
    'retention.bytes': '-1',
    'cleanup.policy': 'delete',
    'min.insync.replicas': '1',
    'unclean.leader.election.enable': 'false',
  };
  const partitions = inSync.map((inSyncReplicas, partition) => ({
    topic,
    partition,
    leader: '1',
    replicas: ['1', '2'],
    inSyncReplicas,
  }));
  const settingOf = (key: string) => ({ value: own[key] ?? defaults[key] ?? '', isOwn: key in own, ...described });
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    version: async () => version,
    describe: async () => ({ brokers: [], topics: [{ name: topic, internal: false, partitions }] }),
    allSettings: async (asked: { kind: string }) =>
      asked.kind === 'broker'
        ? new Map([
            ['log.retention.hours', { value: '168', isOwn: false, ...described }],
            ['min.insync.replicas', { value: '2', isOwn: false, ...described }],
          ])
        : new Map(Object.keys(defaults).map((key) => [key, settingOf(key)])),
    // ListOffsets with a negative time that is no code: the partition has an error, and no offset.
    offsetsAt: async (_: unknown, atMs: number) =>
      atMs < 0 ? [] : [{ topic: 'orders', partition: 0, offset: atMs === 0 ? 0n : 80n }],
    settingsOf: async (_: unknown, keys: readonly string[]) => new Map(keys.map((key) => [key, settingOf(key)])),
    async alterSettings(
      _: unknown,
      changes: Readonly<Record<string, string | undefined>>,
      __: unknown,
      how?: { validateOnly: boolean },
    ) {
      if (how?.validateOnly === true) return;
      for (const [key, value] of Object.entries(changes)) {
        if (value === undefined) delete own[key];
        else own[key] = value;
      }
    },
  };
  return { admin, clock: systemClock, clusterArgs: ' --cluster lab' };
}

const planned = async (
  own: Record<string, string>,
  set: Record<string, string>,
  reset: string[] = [],
  {
    committed = 100n,
    acceptReaders = false,
    topic = 'orders',
    inSync = [],
    version = '4.1',
  }: { committed?: bigint; acceptReaders?: boolean; topic?: string; inSync?: string[][]; version?: string } = {},
) => {
  const tools = broker(own, topic, { inSync, version });
  const of = { kind: 'topic', name: topic } as const;
  const readGroups = async () => readTo(committed);
  const { facts, findings } = await planSettings(tools, { of, set, reset, acceptReaders }, io, readGroups);
  return { facts, findings, step: alterSettings.steps(facts, tools)[0] };
};

test('a change shows the former default, and the rollback resets the value', async () => {
  const own: Record<string, string> = {};
  const { step } = await planned(own, { 'retention.ms': '1000' });
  expect(await step?.run(io)).toMatchObject({
    evidence: [{ en: 'retention.ms: 604800000 (default) → 1000', zh: 'retention.ms: 604800000 (默认值) → 1000' }],
  });
  expect(own).toEqual({ 'retention.ms': '1000' });
  // A process that was stopped after the broker had received its request.
  expect(await step?.run(io)).toMatchObject({ kind: 'done' });
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  await step.undo.run?.(io);
  expect(own).toEqual({});
});

interface Shortened {
  own?: Record<string, string>;
  set?: Record<string, string>;
  reset?: string[];
  committed: bigint;
  acceptReaders?: boolean;
  expected: string[];
}
const anHour = { 'retention.ms': '3600000' };
const compacted = { 'cleanup.policy': 'compact' };
const lost = 'info messages lost, at most: 80; not checked';
const unread = 'group billing has not read 20 of them';
const refused = `critical ${unread}`;
const smaller = { 'retention.bytes': '1000000' };
const keysLost = 'retention deletes the last value of each key of orders';
const keyless = 'compaction deletes messages of orders without a key';
const bySize = 'in each partition of orders larger than about';

test.each<Shortened>([
  { set: anHour, committed: 80n, expected: [lost] },
  { set: anHour, committed: 60n, expected: [lost, refused] },
  { set: anHour, committed: 60n, acceptReaders: true, expected: [lost, `warning ${unread}`] },
  { own: { 'retention.ms': '1209600000' }, reset: ['retention.ms'], committed: 60n, expected: [lost, refused] },
  { own: anHour, reset: ['retention.ms'], committed: 60n, expected: [] },
  { set: { 'retention.ms': '-1' }, committed: 60n, expected: [] },
  {
    own: { 'retention.ms': '-1' },
    set: { 'retention.ms': '9223372036854775807' },
    committed: 60n,
    expected: ['info messages lost, at most: 0; not checked'],
  },
  { set: smaller, committed: 60n, expected: [`critical ${bySize}`] },
  { set: smaller, committed: 60n, acceptReaders: true, expected: [`warning ${bySize}`] },
  { own: smaller, set: { 'retention.bytes': '-1' }, committed: 60n, expected: [] },
  { own: compacted, set: anHour, committed: 60n, expected: [] },
  {
    own: compacted,
    set: { 'cleanup.policy': 'compact,delete' },
    committed: 60n,
    expected: [`critical ${keysLost}`, lost, refused],
  },
  {
    own: compacted,
    set: { 'cleanup.policy': 'delete' },
    committed: 80n,
    acceptReaders: true,
    expected: [`warning ${keysLost}`, lost],
  },
  { own: { 'retention.ms': '-1', ...compacted }, set: { 'cleanup.policy': 'delete' }, committed: 60n, expected: [] },
  { set: compacted, committed: 100n, expected: [`critical ${keyless}`] },
  { set: compacted, committed: 100n, acceptReaders: true, expected: [`warning ${keyless}`] },
])('with $own, set $set and reset $reset results in: $expected', async ({ own, set, reset, expected, ...how }) => {
  const { findings, step } = await planned({ ...own }, { ...set }, reset, how);
  expect(findings).toHaveLength(expected.length);
  for (const [index, { severity, message }] of findings.entries()) {
    expect(`${severity} ${message}`).toContain(expected[index]);
  }
  expect(step?.undo).toMatchObject({ description: expect.stringContaining('cannot be restored') as string });
});

const deleting = { 'cleanup.policy': 'delete' };

test.each<{ topic: string; own: Record<string, string>; set: Record<string, string> }>([
  { topic: '_schemas', own: compacted, set: deleting },
  { topic: 'connect-configs', own: compacted, set: deleting },
  { topic: '__remote_log_metadata', own: { 'retention.ms': '-1' }, set: anHour },
])('no option allows a change of $set to delete the state in $topic', async ({ topic, own, set }) => {
  const { findings } = await planned({ ...own }, { ...set }, [], { topic, acceptReaders: true });
  const critical = findings.filter(({ severity }) => severity === 'critical');
  expect(critical.map(({ code }) => code)).toEqual(['internal-topic']);
});

interface InSync {
  own?: Record<string, string>;
  set?: Record<string, string>;
  reset?: string[];
  inSync: string[][];
  version?: string;
  expected: string[];
}
const two = { 'min.insync.replicas': '2' };

test.each<InSync>([
  {
    set: { 'min.insync.replicas': '3' },
    inSync: [['1', '2']],
    version: '3.6',
    expected: ['critical min.insync.replicas=3 is more than the replication factor 2: before Kafka 3.7'],
  },
  {
    set: { 'min.insync.replicas': '3' },
    inSync: [['1', '2'], ['1']],
    version: '3.7',
    expected: [
      'warning min.insync.replicas=3 is more than the replication factor 2: producers with acks=all cannot write while any',
      'critical partitions of orders with fewer in-sync replicas than min.insync.replicas=3: 1.',
    ],
  },
  {
    set: two,
    inSync: [['1', '2'], ['1']],
    expected: ['critical partitions of orders with fewer in-sync replicas than min.insync.replicas=2: 1.'],
  },
  { set: two, inSync: [['1', '2']], expected: [] },
  { own: { 'min.insync.replicas': '3' }, set: two, inSync: [['1']], expected: [] },
  {
    own: { 'min.insync.replicas': '1' },
    reset: ['min.insync.replicas'],
    inSync: [['1']],
    expected: ['critical partitions of orders with fewer in-sync replicas than min.insync.replicas=2: 0.'],
  },
  {
    set: { 'unclean.leader.election.enable': 'true' },
    inSync: [['1']],
    expected: ['warning unclean.leader.election.enable=true: a replica that is not in sync may become leader'],
  },
])('with $own, in-sync replicas $inSync, set $set and reset $reset results in: $expected', async (change) => {
  const { own = {}, set = {}, reset = [], expected, ...cluster } = change;
  const { findings } = await planned({ ...own }, { ...set }, reset, cluster);
  expect(findings).toHaveLength(expected.length);
  for (const [index, { severity, message, messageZh }] of findings.entries()) {
    expect(`${severity} ${message}`).toContain(expected[index]);
    expect(messageZh).toMatch(/\p{Script=Han}/u);
  }
});

/** Brokers with values of one broker each, of all brokers, and of server.properties; a topic has one replica. */
test('a change refuses a value that others changed since, and a rollback keeps it', async () => {
  const own: Record<string, string> = { 'retention.ms': '500' };
  const { step } = await planned(own, { 'retention.ms': '1000' });
  own['retention.ms'] = '77';
  await expect(step?.run(io)).rejects.toThrow(
    'retention.ms of topic orders is 77 now: another tool or person has changed it',
  );
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual(['retention.ms was changed by others to 77, and is kept']);
  expect(own).toEqual({ 'retention.ms': '77' });
});

test.each([
  ['retention.ms', '0900', '900'],
  ['cleanup.policy', 'compact, delete', 'compact,delete'],
])('recognizes %s=%s as set although Kafka reports it as %s', async (key, set, reported) => {
  const own: Record<string, string> = {};
  const { step } = await planned(own, { [key]: set });
  await step?.run(io);
  own[key] = reported;
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  await step.undo.run?.(io);
  expect(own).toEqual({});
});

test('suggests the nearest key for an unknown one, and changes nothing that is already set', async () => {
  await expect(planned({}, { 'retention.mss': '1' })).rejects.toMatchObject({ hint: 'did you mean retention.ms?' });
  const { facts, findings, step } = await planned({ 'retention.ms': '1000' }, { 'retention.ms': '1000' });
  expect([facts.changes, findings.map(({ code }) => code), step]).toEqual([[], ['nothing-to-do'], undefined]);
});

test.each([
  {
    of: { kind: 'topic', name: 'orders' } as const,
    fault: new AppError('broker-refused', 'cannot read the settings of topic orders: UNKNOWN_TOPIC_OR_PARTITION'),
    text: 'topic orders no longer exists',
    after: 8,
  },
  {
    of: { kind: 'broker', name: '5' } as const,
    fault: new AppError('not-found', 'broker 5 is not in cluster lab now'),
    text: 'broker 5 left the cluster; if it returns, restore its settings: plimsoll ops kafka alter-config --cluster lab --broker 5 --set retention.ms=500 --accept-readers --execute',
    after: 60,
  },
])('the rollback ends if $text', async ({ of: gone, fault, text, after }) => {
  let now = 0;
  const clock = {
    ...systemClock,
    monotonic: () => seconds(now),
    sleep: async (duration: number) => void (now += duration),
  };
  const { admin, clusterArgs } = broker({ 'retention.ms': '1000' });
  const { settingsOf } = admin;
  admin.settingsOf = async () => Promise.reject(fault);
  const facts = { of: gone, changes: [{ key: 'retention.ms', before: '500', after: '1000' }] };
  const [step] = alterSettings.steps(facts, { admin, clock, clusterArgs });
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual([text]);
  expect(now).toBe(after);

  // A restart takes less.
  admin.settingsOf = (...question) => (now < after + 4 ? Promise.reject(fault) : settingsOf(...question));
  expect(inEnglish(await step.undo.run?.(io))).toEqual([]);
});

test('a topic that was re-created since the plan keeps its settings, forward and back', async () => {
  const own: Record<string, string> = {};
  const tools = broker(own);
  let id = 'TEdgDH5xSPi0qIGOPdXwLA';
  const topics = () => [{ name: 'orders', id, internal: false, partitions: [] }];
  const admin = { ...tools.admin, describe: async () => ({ brokers: [], topics: topics() }) };
  const of = { kind: 'topic', name: 'orders' } as const;
  const spec = { of, set: { 'retention.ms': '1000' }, reset: [], acceptReaders: false };
  const { facts } = await planSettings({ ...tools, admin }, spec, io, async () => readTo(100n));
  const [step] = alterSettings.steps(facts, { ...tools, admin });
  id = 'cwA0p4nOQTOWKkhwOSrCzQ';
  await expect(step?.run(io)).rejects.toMatchObject({
    code: 'change-refused',
    message: 'topic orders was created again since the plan: nothing is changed',
  });
  expect(own).toEqual({});
  own['retention.ms'] = '1000';
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual(['topic orders was created again, and keeps its settings']);
  expect(own).toEqual({ 'retention.ms': '1000' });
});
