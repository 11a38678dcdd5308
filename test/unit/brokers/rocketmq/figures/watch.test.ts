import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { watchRocketmqBrokers } from '../../../../../brokers/rocketmq/figures/watch.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { broker, listing } from '../../../../support/rocketmq-inspection.ts';
import { answerOf } from '../../../../support/rocketmq-answers.ts';
import { scriptProcesses, type Process } from '../../../../support/rocketmq-processes.ts';

const io = () => ({ signal: AbortSignal.timeout(6000) });

function watch(processes: Record<string, Process> = { 'ns-1:9876': listing('a:0'), 'a:0': broker() }) {
  const client = scriptProcesses(processes);
  const clock = createHandClock();
  const namesrv = Object.keys(processes).filter((address) => address.startsWith('ns-'));
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv });
  return { client, clock, watched: watchRocketmqBrokers({ name: 'lab', config, client, clock }) };
}

const namesOf = async ({ watched }: ReturnType<typeof watch>, within = io()) =>
  (await watched.sources(within)).map(({ name }) => name);

test.each([
  ['is down', undefined],
  ['hangs until the deadline of the reading', 'hangs'],
] as const)('known brokers are still read while no name server responds because it %s', async (_, state) => {
  const parts = watch();
  const names = ['runtime information of broker a:0'];
  expect(await namesOf(parts)).toEqual(names);
  if (state === undefined) delete parts.client.processes['ns-1:9876'];
  else parts.client.processes['ns-1:9876'] = state;
  parts.clock.advance(11);
  expect(await namesOf(parts, { signal: AbortSignal.timeout(300) })).toEqual(names);

  parts.client.processes['ns-1:9876'] = listing('a:0', 'b:0');
  expect(await namesOf(parts)).toEqual(names);
  parts.clock.advance(11);
  expect(await namesOf(parts)).toEqual([...names, 'runtime information of broker b:0']);
});

test('brokers that only the second name server lists are read too', async () => {
  const parts = watch({ 'ns-1:9876': listing('a:0'), 'ns-2:9876': listing('a:0', 'b:0'), 'a:0': broker() });
  expect(await namesOf(parts)).toEqual(['runtime information of broker a:0', 'runtime information of broker b:0']);
});

test('a cluster whose brokers were never listed fails with broker-unreachable', async () => {
  const parts = watch();
  delete parts.client.processes['ns-1:9876'];
  await expect(namesOf(parts)).rejects.toMatchObject({ code: 'broker-unreachable' });
});

test('a slave that its 5.x master does not list, because it lost its connection, is asked for its log end', async () => {
  const status = (slaves: string) => () =>
    answerOf(`{"master":true,"masterCommitLogMaxOffset":1000,"inSyncSlaveNums":1,"haConnectionInfo":[${slaves}]}`);
  const connected = '{"addr":"/10.0.0.2:1","slaveAckOffset":995,"diff":5,"inSync":true}';
  const slave = broker({ more: { 28: () => answerOf('{"table":{"commitLogMaxOffset":"900"}}') } });
  const lagWith = async (slaves: string) => {
    const master = broker({ more: { 907: status(slaves) } });
    const parts = watch({ 'ns-1:9876': listing('a:0', 'a:1'), 'a:0': master, 'a:1': slave });
    const [first] = await parts.watched.sources(io());
    const [reading] = (await first?.read(io())) ?? [];
    return {
      lag: reading?.figures.replicationLagBytes,
      asked: parts.client.asked().filter((line) => line.endsWith(' 28')),
    };
  };
  expect(await lagWith(connected)).toEqual({ lag: 5, asked: ['a:0 28'] });
  expect(await lagWith('')).toEqual({ lag: 100, asked: ['a:1 28', 'a:0 28'] });
});

test('the lag of a slave comes from the response with its figures, without further requests', async () => {
  const ofSlave = broker({
    more: {
      28: () => {
        parts.clock.advance(0.1);
        return answerOf('{"table":{"commitLogMaxOffset":"900"}}');
      },
    },
  });
  // Without HA status, as with DLedger.
  const parts = watch({ 'ns-1:9876': listing('a:0', 'a:1'), 'a:0': broker(), 'a:1': ofSlave });
  const [master, slave] = await parts.watched.sources(io());
  const readBoth = async () => {
    parts.client.asked();
    const readings = await Promise.all([master?.read(io()) ?? [], slave?.read(io()) ?? []]);
    const lag = readings[0]?.[0]?.figures.replicationLagBytes;
    return { lag, asked: parts.client.asked().filter((line) => line.endsWith(' 28')) };
  };

  expect(await readBoth()).toEqual({ lag: 100, asked: ['a:1 28', 'a:0 28'] });
  parts.clock.advance(1);
  expect(await readBoth()).toEqual({ lag: undefined, asked: ['a:0 28'] });
  parts.clock.advance(5);
  expect(await readBoth()).toEqual({ lag: 100, asked: ['a:1 28', 'a:0 28'] });
});
