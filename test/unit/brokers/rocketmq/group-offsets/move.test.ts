import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { openRocketmqGroupOffsets } from '../../../../../brokers/rocketmq/group-offsets/rocketmq-group-offsets.ts';
import { answerTo, startRemotingPeer } from '../../../../support/remoting-peer.ts';

const io = { signal: AbortSignal.timeout(20_000) };
const [commit, settings, commits, connections, clusterInfo, reset] = [15, 26, 43, 203, 106, 222];
const online = `{"connectionSet":[{"clientAddr":"10.0.0.9:4711","clientId":"till@1","language":"JAVA","version":401}],"subscriptionTable":{},"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING"}`;

/** Brokers with a running group: one of version 5.2 or later, and an older one. */
async function cluster() {
  await using made = new AsyncDisposableStack();
  const broker = async (text: string) =>
    made.use(
      await startRemotingPeer((frame, say) => {
        const bodies = new Map([
          [settings, text],
          [connections, online],
        ]);
        say(answerTo(frame, { body: Buffer.from(bodies.get(frame.code) ?? '') }));
      }),
    );
  const [newer, older] = [await broker('useServerSideResetOffset=true\n'), await broker('brokerName=broker-b\n')];
  const listed = Object.entries({ 'broker-a': newer, 'broker-b': older }).map(
    ([name, { address }]) => `"${name}":{"brokerAddrs":{0:"${address}"},"brokerName":"${name}","cluster":"lab"}`,
  );
  const body = `{"brokerAddrTable":{${listed.join()}},"clusterAddrTable":{"lab":["broker-a","broker-b"]}}`;
  const server = made.use(
    await startRemotingPeer((frame, say) =>
      say(answerTo(frame, frame.code === clusterInfo ? { body: Buffer.from(body) } : { code: 17 })),
    ),
  );
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [server.address] });
  const offsets = made.use(await openRocketmqGroupOffsets('lab', config, io));
  const rest = made.move();
  const resets = () => [newer, older].map(({ received }) => received.filter(({ code }) => code === reset).length);
  return { offsets, resets, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

const targets = ['broker-a', 'broker-b'].map((brokerName) => ({
  topic: 'orders',
  partition: 0,
  brokerName,
  offset: 5n,
}));

test('if one broker cannot move a running group to single offsets, no broker moves it', async () => {
  await using lab = await cluster();
  await expect(lab.offsets.move('billing', 'orders', targets, undefined, io)).rejects.toMatchObject({
    code: 'change-refused',
  });
  expect(lab.resets()).toEqual([0, 0]);
});

test('a running group is moved to a time with the request that each broker supports', async () => {
  await using lab = await cluster();
  expect(await lab.offsets.move('billing', 'orders', targets, { kind: 'end' }, io)).toEqual({ settlesSeconds: 20 });
  expect(lab.resets()).toEqual([1, 1]);
});

test('the offsets of a static topic are not read from the queues it is mapped to', async () => {
  const list = '{"brokerAddrTable":{},"clusterAddrTable":{}}';
  const mapping =
    '{"broker-a":{"bname":"broker-a","currIdMap":{0:0},"epoch":1764320000000,"scope":"__global__","topic":"orders","totalQueues":2}}';
  const route = `{"brokerDatas":[],"queueDatas":[],"topicQueueMappingByBroker":${mapping}}`;
  await using server = await startRemotingPeer((frame, say) =>
    say(answerTo(frame, { body: Buffer.from(frame.code === clusterInfo ? list : route) })),
  );
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [server.address] });
  await using offsets = await openRocketmqGroupOffsets('lab', config, io);
  await expect(offsets.positions('billing', 'orders', io)).rejects.toMatchObject({ code: 'unsupported-broker' });
});

/** A 5.2 broker with a stopped group that has commits in topic `refunds` but never in `orders`. */
async function neverCommitted() {
  await using made = new AsyncDisposableStack();
  const committed = new Map<string, Map<string, string>>([['refunds@billing', new Map([['0', '3']])]]);
  const armed = new Set<string>();
  const broker = made.use(
    await startRemotingPeer((frame, say) => {
      const { topic, consumerGroup, group, queueId = '', commitOffset = '', offset = '' } = frame.fields;
      const key = `${topic}@${group ?? consumerGroup}`;
      const place = `${key} ${queueId}`;
      const own = committed.get(key);
      if (frame.code === commit && !armed.has(place)) committed.set(key, (own ?? new Map()).set(queueId, commitOffset));
      if (frame.code === reset) {
        armed.add(place);
        own?.set(queueId, offset);
      }
      if (frame.code === connections) return say(answerTo(frame, { code: 206, remark: 'not online' }));
      const table = Object.fromEntries(Array.from(committed, ([at, queues]) => [at, Object.fromEntries(queues)]));
      const bodies = new Map([
        [settings, 'useServerSideResetOffset=true\n'],
        [commits, JSON.stringify({ offsetTable: table }).replaceAll(/"(\d+)"/g, '$1')],
      ]);
      return say(answerTo(frame, { body: Buffer.from(bodies.get(frame.code) ?? '') }));
    }),
  );
  const body = `{"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"${broker.address}"},"brokerName":"broker-a","cluster":"lab"}}}`;
  const server = made.use(await startRemotingPeer((frame, say) => say(answerTo(frame, { body: Buffer.from(body) }))));
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [server.address] });
  const offsets = made.use(await openRocketmqGroupOffsets('lab', config, io));
  const rest = made.move();
  const at = () => Object.fromEntries(committed.get('orders@billing') ?? []);
  return { offsets, at, broker, [Symbol.asyncDispose]: () => rest.disposeAsync() };
}

test('a move writes commits of a stopped group that had none, which a reset up to 5.3.1 does not do', async () => {
  await using lab = await neverCommitted();
  const to = (offset: bigint) =>
    [0, 1].map((partition) => ({ topic: 'orders', partition, brokerName: 'broker-a', offset }));
  await lab.offsets.move('billing', 'orders', to(5n), undefined, io);
  expect(lab.at()).toEqual({ 0: '5', 1: '5' });
  await lab.offsets.move('billing', 'orders', to(9n), undefined, io);
  expect(lab.at()).toEqual({ 0: '9', 1: '9' });
  expect(lab.broker.received.filter(({ code }) => code === commit)).toHaveLength(2);
});
