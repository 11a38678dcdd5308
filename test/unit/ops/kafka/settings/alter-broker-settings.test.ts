import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import type { Configured } from '../../../../../brokers/kafka/changes/settings.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import { planSettings } from '../../../../../ops/kafka/settings/plan-settings.ts';
import { readTo } from '../../../../support/group-read-to.ts';

const io = { signal: new AbortController().signal };
const described = { isReadOnly: false, isSecret: false };

const two = { 'min.insync.replicas': '2' };

/** Brokers with values of one broker each, of all brokers, and of server.properties; a topic has one replica. */
const partition = { topic: 'orders', partition: 0, leader: '1', inSyncReplicas: ['1'] };

function brokers(
  own: Record<string, Record<string, string>>,
  shared: Record<string, string> = {},
  replicas = ['1'],
  version = '3.7',
) {
  const files: Record<string, string | undefined> = {
    'log.retention.ms': undefined,
    'log.retention.hours': '168',
    'log.retention.bytes': '-1',
    'log.cleanup.policy': 'delete',
    'min.insync.replicas': '1',
    'num.io.threads': '8',
  };
  const settingsOf = async ({ kind, name }: Configured) => {
    if (name === '9') throw new AppError('broker-unreachable', 'broker 9 does not answer');
    const its: Record<string, string> = name === '' ? shared : (own[kind === 'topic' ? `topic ${name}` : name] ?? {});
    return new Map(
      Object.keys(files).map((key) => {
        const value = its[key] ?? shared[key] ?? files[key];
        return [key, { ...(value !== undefined && { value }), isOwn: key in its, ...described }] as const;
      }),
    );
  };
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    version: async () => version,
    describe: async () => ({
      brokers: Object.keys(own)
        .filter((id) => !id.startsWith('topic '))
        .map((id) => ({ id, address: `broker-${id}:9092` })),
      topics: [{ name: 'orders', internal: false, partitions: [{ ...partition, replicas }] }],
    }),
    allSettings: settingsOf,
    settingsOf,
    alterSettings: async () => undefined,
  };
  return { admin, clock: systemClock, clusterArgs: ' --cluster lab' };
}

interface OfBrokers {
  own?: Record<string, string>;
  shared?: Record<string, string>;
  /** All brokers without it. */
  name?: string;
  set?: Record<string, string>;
  reset?: string[];
  ofTopic?: Record<string, string>;
  replicas?: string[];
  version?: string;
  acceptReaders?: boolean;
  expected: string[];
}
const follows = 'every topic without its own value follows';
const ofAnHour = { 'log.retention.ms': '3600000' };
const twoWeeks = { 'log.retention.ms': '1209600000' };

test.each<OfBrokers>([
  { set: ofAnHour, expected: [`critical ${follows} log.retention.ms=3600000`] },
  { set: ofAnHour, acceptReaders: true, expected: [`warning ${follows} log.retention.ms=3600000`] },
  { set: twoWeeks, expected: [] },
  { shared: twoWeeks, reset: ['log.retention.ms'], expected: [`critical ${follows} log.retention.ms=the default`] },
  { name: '1', set: { 'log.retention.bytes': '1000' }, expected: [`critical ${follows} log.retention.bytes=1000`] },
  { set: { 'log.cleanup.policy': 'compact' }, expected: [`critical ${follows} log.cleanup.policy=compact`] },
  {
    own: twoWeeks,
    set: ofAnHour,
    expected: ['warning log.retention.ms does not change on brokers with their own value: 1 (1209600000)'],
  },
  {
    set: two,
    replicas: ['1', '2'],
    expected: ['critical topics with fewer than 2 in-sync replicas and without their own min.insync.replicas'],
  },
  { set: two, expected: [] },
  {
    set: two,
    version: '3.6',
    expected: ['critical topics with fewer than 2 in-sync replicas and without their own min.insync.replicas'],
  },
  { set: two, replicas: ['1', '2'], ofTopic: { 'min.insync.replicas': '1' }, expected: [] },
])('broker 1 with $own, set $set and reset $reset results in: $expected', async (change) => {
  const { own = {}, shared = {}, ofTopic = {}, name = '', set = {}, reset = [], acceptReaders = false } = change;
  const { replicas = ['1'], version, expected } = change;
  const spec = { of: { kind: 'broker', name } as const, set, reset, acceptReaders };
  const { findings } = await planSettings(
    brokers({ 1: own, 'topic orders': ofTopic }, shared, replicas, version),
    spec,
    io,
    async () => readTo(0n),
  );
  expect(findings).toHaveLength(expected.length);
  for (const [index, { severity, message, messageZh }] of findings.entries()) {
    expect(`${severity} ${message}`).toContain(expected[index]);
    expect(messageZh).toMatch(/\p{Script=Han}/u);
  }
});

test('a resumed change whose producers may have stopped is refused if they have not', async () => {
  const spec = { of: { kind: 'broker', name: '' } as const, set: two, reset: [], acceptReaders: false };
  const codes = async (replicas: string[]) => {
    const { findings } = await planSettings(brokers({ 1: {} }, {}, replicas), spec, io, async () => readTo(0n));
    return findings.map(({ severity, code }) => `${severity} ${code}`);
  };
  expect(await codes(['1'])).toEqual([]);
  expect(await codes(['1', '2'])).toEqual(['critical under-min-isr']);
});

test('a plan for all brokers names those with a separate value, and shows the default of the others', async () => {
  const tools = brokers({ 1: { 'num.io.threads': '4' }, 2: {}, 3: { 'num.io.threads': '16' }, 9: {} });
  const of = { kind: 'broker', name: '' } as const;
  const spec = { of, set: { 'num.io.threads': '16' }, reset: [], acceptReaders: false };
  const { facts, findings } = await planSettings(tools, spec, io, async () => readTo(0n));
  expect(facts.changes).toEqual([{ key: 'num.io.threads', before: null, after: '16', defaultValue: '8' }]);
  expect(findings.map(({ code, message }) => `${code}: ${message}`)).toEqual([
    'settings-unread: brokers that do not answer may keep values of their own: 9',
    'hidden-by-own-value: num.io.threads does not change on brokers with their own value: 1 (4). Reset it on each of them: `plimsoll ops kafka alter-config --cluster lab --broker 1 --reset num.io.threads --execute`',
  ]);
});

test('removes a throttle that another tool left on a broker although brokers report it as read-only', async () => {
  const rate = 'leader.replication.throttled.rate';
  const tools = brokers({ 1: {} });
  const all = async () =>
    new Map(
      [rate, 'node.id'].map((key) => [key, { value: '1', isOwn: key === rate, isReadOnly: true, isSecret: false }]),
    );
  const planOf = (key: string) =>
    planSettings(
      { ...tools, admin: { ...tools.admin, allSettings: all } },
      { of: { kind: 'broker', name: '1' }, set: {}, reset: [key], acceptReaders: false },
      io,
      async () => readTo(0n),
    );
  expect((await planOf(rate)).facts.changes).toEqual([{ key: rate, before: '1', after: null }]);
  await expect(planOf('node.id')).rejects.toThrow('it is read-only');
});
