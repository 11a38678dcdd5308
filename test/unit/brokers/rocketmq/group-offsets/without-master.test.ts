import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { openRocketmqGroupOffsets } from '../../../../../brokers/rocketmq/group-offsets/rocketmq-group-offsets.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { planMove } from '../../../../../ops/offsets/plan-move.ts';
import { startGroupWithoutMaster } from '../../../../support/group-without-master.ts';

const io = { signal: AbortSignal.timeout(20_000) };

/** @param whileWatched called between two readings of the commits */
async function opened(idOfB?: number, committed?: () => number, whileWatched: () => void = () => undefined) {
  await using made = new AsyncDisposableStack();
  const peer = made.use(await startGroupWithoutMaster(idOfB, committed));
  const clock = { ...systemClock, sleep: async () => whileWatched() };
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [peer.address] });
  const offsets = made.use(await openRocketmqGroupOffsets('shop', config, io, clock));
  const rest = made.move();
  return { offsets, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

test('it is unknown whether a group exists if its commits may be on a broker without a master', async () => {
  await using cluster = await opened();
  expect(await cluster.offsets.presence('shipping', io)).toEqual({
    kind: 'unknown',
    reason: 'broker-b has no master now',
  });
  expect(await cluster.offsets.presence('billing', io)).toEqual({ kind: 'stopped' });
});

test('a group on no broker is absent if every broker could be queried', async () => {
  await using cluster = await opened(0);
  expect(await cluster.offsets.presence('shipping', io)).toEqual({ kind: 'absent' });
});

test('the topics of a group are those that exist, although brokers of 4.x keep commits in deleted ones', async () => {
  await using cluster = await opened(0);
  expect(await cluster.offsets.topics('billing', io)).toEqual(['orders', 'refunds']);
});

test('a group that was created but never started is not reported as non-existent', async () => {
  await using cluster = await opened(0);
  expect(await cluster.offsets.presence('returns', io)).toEqual({ kind: 'absent', isConfigured: true });
  const spec = { group: 'returns', wanted: { topic: 'orders' }, aim: { kind: 'earliest' } } as const;
  const { findings } = await planMove(cluster.offsets, spec, io);
  expect(findings.filter(({ severity }) => severity === 'critical')).toMatchObject([
    { code: 'group-uncommitted', message: expect.stringContaining('it has not started yet, or broadcasts') },
  ]);
});

test('a group whose commits move without a connected member, as with a proxy, does not count as stopped', async () => {
  let offset = 5;
  const consume = () => {
    offset += 1;
  };
  await using cluster = await opened(0, () => offset, consume);
  expect(await cluster.offsets.presence('billing', io)).toEqual({
    kind: 'unknown',
    reason: 'its commits move although no member is connected to the brokers, as with a proxy',
  });
});

test('the topics of a group are not listed if one broker has no master', async () => {
  await using cluster = await opened();
  await expect(cluster.offsets.topics('billing', io)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: 'broker group broker-b of cluster shop has no master now',
  });
});

test('a move to a time names the queues with an unknown offset', async () => {
  await using cluster = await opened();
  const spec = { group: 'billing', wanted: { topic: 'orders' }, aim: { kind: 'time', atMs: 1000 } } as const;
  const { positions, findings } = await planMove(cluster.offsets, spec, io);
  expect(positions.map(({ outcome }) => outcome)).toMatchObject([{ kind: 'move', target: 7n }, { kind: 'unknown' }]);
  expect(findings).toContainEqual(expect.objectContaining({ severity: 'critical', code: 'position-unknown' }));
});

test('queues missing from the topic count as deleted only if their broker has a master', async () => {
  const queues = ['broker-a', 'broker-b'].map((brokerName) => ({ topic: 'orders', partition: 7, brokerName }));
  await using cluster = await opened();
  expect(await cluster.offsets.deleted(queues, io)).toEqual(queues.slice(0, 1));
  await using whole = await opened(0);
  expect(await whole.offsets.deleted(queues, io)).toEqual(queues);
});
