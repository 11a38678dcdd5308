import { expect, test } from 'vitest';
import { openRocketmqAdministration } from '../../../../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { brokerSettings } from '../../../../../ops/rocketmq/settings/broker-settings.ts';
import { planBrokerSettings } from '../../../../../ops/rocketmq/settings/plan-broker-settings.ts';
import { fakeBroker, fakeCluster } from '../../../../support/fake-change-desk.ts';

const io = { signal: new AbortController().signal };

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
