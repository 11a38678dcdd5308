import { inEnglish } from '../../../../support/in-english.ts';
import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { brokerSettings } from '../../../../../ops/rocketmq/settings/broker-settings.ts';
import { planBrokerSettings } from '../../../../../ops/rocketmq/settings/plan-broker-settings.ts';
import { fakeBroker, fakeCluster } from '../../../../support/fake-change-desk.ts';

const io = { signal: new AbortController().signal };
const all = { brokers: [], acceptReaders: false };

/** One broker with these settings. */
function brokerWith(settings: Readonly<Record<string, string>>) {
  const { desk, brokers } = fakeCluster({
    'a:1': fakeBroker('broker-a', { settings: new Map(Object.entries(settings)) }),
  });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = { ...openRocketmqAdministration('lab', config), ...desk };
  return {
    tools: { admin, clock: systemClock, clusterArgs: '', known: [] },
    now: () => Object.fromEntries(brokers.get('a:1')?.settings ?? []),
  };
}

/** @param since what others set after the change */
async function thereAndBack(key: string, value: string, since?: string) {
  const { desk, brokers } = fakeCluster({ 'a:1': fakeBroker('broker-a') });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const admin = {
    ...openRocketmqAdministration('lab', config),
    ...desk,
    // A broker reports the parsed value.
    set: (address: string, settings: Readonly<Record<string, string>>) =>
      desk.set(
        address,
        Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, `${Number(text)}`])),
        io,
      ),
  };
  const tools = { admin, clock: systemClock, clusterArgs: '', known: [] };
  const { facts } = await planBrokerSettings(tools, { ...all, set: { [key]: value } }, io);
  const [step] = brokerSettings.steps(facts, tools);
  await step?.run(io);
  const settings = brokers.get('a:1')?.settings;
  if (since !== undefined) settings?.set(key, since);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  return { said: inEnglish(await step.undo.run?.(io)), now: settings?.get(key) };
}

test('a rollback restores a value that the broker reports in another form than it was set', async () => {
  expect(await thereAndBack('fileReservedTime', '048')).toEqual({
    said: ['broker-a:0: fileReservedTime=72'],
    now: '72',
  });
});

test('a rollback keeps a value that others set since', async () => {
  expect(await thereAndBack('fileReservedTime', '048', '24')).toEqual({
    said: ['broker-a:0: as before; fileReservedTime was changed by others to 24, and is kept'],
    now: '24',
  });
});

test('sends the permission even if it is unchanged, because the broker then registers again', async () => {
  const settings = { brokerPermission: '6', fileReservedTime: '72' };
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', ...settings });
  const { facts } = await planBrokerSettings(tools, { ...all, set: settings }, io);
  expect(facts.brokers).toEqual([
    {
      name: 'broker-a:0',
      others: [],
      address: 'a:1',
      before: { brokerPermission: '6' },
      after: { brokerPermission: '6' },
    },
  ]);
});

test.each([
  'initAuthenticationUser',
  'innerClientAuthenticationCredentials',
  'metricsGrpcExporterHeader',
  'plugin.store',
])('refuses to change %s, which may be a secret, without showing its value', async (key) => {
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', [key]: '{"username":"admin","password":"hunter2"}' });
  const spec = { ...all, set: { [key]: 'hunter3' } };
  await expect(planBrokerSettings(tools, spec, io)).rejects.toMatchObject({
    code: 'usage',
    message: `${key} may be a secret: a change plan would show and store its value`,
  });
});

test('a change begun by an older version shows no secret and no password within an address', async () => {
  const before = { authHeader: 'http://admin:hunter2@db', metricsGrpcExporterHeader: 'token:hunter2' };
  const after = { authHeader: 'http://admin:hunter3@db', metricsGrpcExporterHeader: 'token:hunter3' };
  const { tools, now } = brokerWith(before);
  const facts = { brokers: [{ name: 'broker-a:0', address: 'a:1', before, after }] };
  const [step] = brokerSettings.steps(facts, tools);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  const shown = JSON.stringify([step.description, await step.run(io), await step.undo.run?.(io)]);
  expect(shown).toContain('authHeader: http://admin:(hidden)@db → http://admin:(hidden)@db');
  expect(shown).not.toContain('hunter');
  expect(now()).toEqual(before);
});

test.each([
  { key: 'flushDiskType', current: 'ASYNC_FLUSH', wanted: 'SYNC_FLUSH' },
  { key: 'mappedFileSizeCommitLog', current: '1073741824', wanted: '536870912' },
  { key: 'mapedFileSizeConsumeQueue', current: '6000000', wanted: '60000' },
  { key: 'transientStorePoolEnable', current: 'false', wanted: 'true' },
  { key: 'messageDelayLevel', current: '1s 5s 10s', wanted: '1s 5s 10s 30s' },
  { key: 'sendMessageThreadPoolNums', current: '4', wanted: '24' },
  { key: 'storePathEpochFile', current: '/data/store/epochFileCheckpoint', wanted: '/data/epoch' },
  { key: 'useReentrantLockWhenPutMessage', current: 'true', wanted: 'false' },
])('refuses to change $key, which a broker reads only at its start', async ({ key, current, wanted }) => {
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', [key]: current });
  await expect(planBrokerSettings(tools, { ...all, set: { [key]: wanted } }, io)).rejects.toMatchObject({
    code: 'usage',
    message: `${key} cannot be changed while a broker runs: it is read when it starts`,
  });
});

test('a rollback restores a start-time setting that an older version changed', async () => {
  const { tools, now } = brokerWith({ flushDiskType: 'SYNC_FLUSH' });
  const [before, after] = [{ flushDiskType: 'ASYNC_FLUSH' }, { flushDiskType: 'SYNC_FLUSH' }];
  const facts = { brokers: [{ name: 'broker-a:0', address: 'a:1', before, after }] };
  const [step] = brokerSettings.steps(facts, tools);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(inEnglish(await step.undo.run?.(io))).toEqual(['broker-a:0: flushDiskType=ASYNC_FLUSH']);
  expect(now()).toEqual(before);
});

const keptFor = 'groups that lag by more than 48 h lose messages (check `plimsoll get groups`)';
const accept = '; give --accept-readers to delete them nevertheless';
const tiered = { messageStorePlugIn: 'org.apache.rocketmq.tieredstore.TieredMessageStore' };

interface Retention {
  before: Record<string, string>;
  set: Record<string, string>;
  acceptReaders?: boolean;
  expected: string[];
}

test.each<Retention>([
  { before: { fileReservedTime: '72' }, set: { fileReservedTime: '48' }, expected: ['critical what-is-lost'] },
  {
    before: { fileReservedTime: '72' },
    set: { fileReservedTime: '48' },
    acceptReaders: true,
    expected: ['warning what-is-lost'],
  },
  { before: { fileReservedTime: '48' }, set: { fileReservedTime: '72' }, expected: [] },
  {
    before: { fileReservedTime: '24', tieredStoreFileReservedTime: '72', ...tiered },
    set: { tieredStoreFileReservedTime: '48' },
    expected: ['critical what-is-lost'],
  },
  {
    before: { fileReservedTime: '72', tieredStoreFileReservedTime: '72', ...tiered },
    set: { fileReservedTime: '24' },
    expected: [],
  },
])('setting $set after $before results in $expected', async ({ before, set, acceptReaders = false, expected }) => {
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', ...before });
  const { facts, findings } = await planBrokerSettings(tools, { ...all, set, acceptReaders }, io);
  expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(expected);
  const advice = acceptReaders ? '' : accept;
  for (const { message } of findings)
    expect(message).toBe(`messages older than 48 h are deleted on broker-a:0, read or not: ${keptFor}${advice}`);
  const [step] = brokerSettings.steps(facts, tools);
  const isShorter = Object.values(set)[0] !== '72';
  expect(step?.undo).toMatchObject({
    description: `restore the former values${isShorter ? '; messages deleted until then are not restored' : ''}`,
  });
});

test('has no step if every broker runs with these values already', async () => {
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', fileReservedTime: '72' });
  const { facts, findings } = await planBrokerSettings(tools, { ...all, set: { fileReservedTime: '72' } }, io);
  expect(findings.map(({ code }) => code)).toEqual(['nothing-to-do']);
  expect(brokerSettings.steps(facts, tools)).toEqual([]);
});

test.each(['0', '-1'])('refuses a retention of %s hours', async (hours) => {
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', fileReservedTime: '72' });
  const spec = { brokers: [], acceptReaders: true, set: { fileReservedTime: hours } };
  await expect(planBrokerSettings(tools, spec, io)).rejects.toMatchObject({
    code: 'usage',
    message: `fileReservedTime=${hours}: the value must be at least 1 (hour)`,
  });
});

test.each<{ from: string; to: string; expected: string[] }>([
  { from: '6', to: '4', expected: ['clients can no longer write to broker-a:0'] },
  { from: '6', to: '2', expected: ['clients can no longer read from broker-a:0'] },
  { from: '4', to: '6', expected: [] },
])('brokerPermission $to after $from gives $expected', async ({ from, to, expected }) => {
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', brokerPermission: from });
  const { findings } = await planBrokerSettings(tools, { ...all, set: { brokerPermission: to } }, io);
  expect(findings.map(({ message }) => message)).toEqual(expected);
});
