import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { brokerSettings } from '../../../../../ops/rocketmq/settings/broker-settings.ts';
import { planBrokerSettings } from '../../../../../ops/rocketmq/settings/plan-broker-settings.ts';
import { fakeBroker, fakeCluster } from '../../../../support/fake-change-desk.ts';

const io = { signal: new AbortController().signal };

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
    // A broker reports what it parsed.
    set: (address: string, settings: Readonly<Record<string, string>>) =>
      desk.set(
        address,
        Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, `${Number(text)}`])),
        io,
      ),
  };
  const tools = { admin, clock: systemClock, clusterArgs: '', known: [] };
  const { facts } = await planBrokerSettings(tools, 'all', { brokers: [], set: { [key]: value } }, io);
  const [step] = brokerSettings.steps(facts, tools);
  await step?.run(io);
  const settings = brokers.get('a:1')?.settings;
  if (since !== undefined) settings?.set(key, since);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  return { said: await step.undo.run?.(io), now: settings?.get(key) };
}

test('going back restores a value that the broker reports in another form than it was set', async () => {
  expect(await thereAndBack('fileReservedTime', '048')).toEqual({
    said: ['broker-a:0: fileReservedTime=72'],
    now: '72',
  });
});

test('going back keeps a value that others set since', async () => {
  expect(await thereAndBack('fileReservedTime', '048', '24')).toEqual({
    said: ['broker-a:0: as before; fileReservedTime was changed by others to 24, and is kept'],
    now: '24',
  });
});

test('a broker is sent its permission even if it has it: it then registers with the name servers again', async () => {
  const settings = { brokerPermission: '6', fileReservedTime: '72' };
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', ...settings });
  const { facts } = await planBrokerSettings(tools, 'all', { brokers: [], set: settings }, io);
  expect(facts.brokers).toEqual([
    {
      name: 'broker-a:0',
      address: 'a:1',
      before: { brokerPermission: '6' },
      after: { brokerPermission: '6' },
    },
  ]);
});

test.each(['initAuthenticationUser', 'innerClientAuthenticationCredentials', 'metricsGrpcExporterHeader'])(
  '%s may be a secret, and is refused without its value',
  async (key) => {
    const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', [key]: '{"username":"admin","password":"hunter2"}' });
    const spec = { brokers: [], set: { [key]: 'hunter3' } };
    await expect(planBrokerSettings(tools, 'all', spec, io)).rejects.toMatchObject({
      code: 'usage',
      message: `${key} may be a secret: a change plan would show and store its value`,
    });
  },
);

test('a change that an older version began shows no secret, and no password within an address', async () => {
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
])('$key is refused: a broker acts on it when it starts', async ({ key, current, wanted }) => {
  const { tools } = brokerWith({ namesrvAddr: 'ns1:9876', [key]: current });
  await expect(planBrokerSettings(tools, 'all', { brokers: [], set: { [key]: wanted } }, io)).rejects.toMatchObject({
    code: 'usage',
    message: `${key} cannot be changed while a broker runs: it is read when it starts`,
  });
});

test('going back restores a setting that an older version changed, and that is read at the start', async () => {
  const { tools, now } = brokerWith({ flushDiskType: 'SYNC_FLUSH' });
  const [before, after] = [{ flushDiskType: 'ASYNC_FLUSH' }, { flushDiskType: 'SYNC_FLUSH' }];
  const facts = { brokers: [{ name: 'broker-a:0', address: 'a:1', before, after }] };
  const [step] = brokerSettings.steps(facts, tools);
  if (step === undefined || !('run' in step.undo)) throw new Error('no rollback');
  expect(await step.undo.run?.(io)).toEqual(['broker-a:0: flushDiskType=ASYNC_FLUSH']);
  expect(now()).toEqual(before);
});
