import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { watchRocketmqBrokers } from '../../../../../brokers/rocketmq/figures/watch.ts';
import { createHandClock } from '../../../../support/hand-clock.ts';
import { broker, listing } from '../../../../support/rocketmq-inspection.ts';
import { scriptProcesses } from '../../../../support/rocketmq-processes.ts';

const io = () => ({ signal: AbortSignal.timeout(6000) });

function watch() {
  const client = scriptProcesses({ 'ns-1:9876': listing('a:0'), 'a:0': broker() });
  const clock = createHandClock();
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['ns-1:9876'] });
  return { client, clock, watched: watchRocketmqBrokers({ name: 'lab', config, client, clock }) };
}

const namesOf = async ({ watched }: ReturnType<typeof watch>, within = io()) =>
  (await watched.sources(within)).map(({ name }) => name);

test.each([
  ['is down', undefined],
  ['hangs until the deadline of the reading', 'hangs'],
] as const)('brokers are read on while no name server answers, because it %s', async (_, state) => {
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

test('a cluster whose brokers were never listed has no sources', async () => {
  const parts = watch();
  delete parts.client.processes['ns-1:9876'];
  await expect(namesOf(parts)).rejects.toMatchObject({ code: 'broker-unreachable' });
});
