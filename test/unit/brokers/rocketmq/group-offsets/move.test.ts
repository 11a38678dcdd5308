import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { openRocketmqGroupOffsets } from '../../../../../brokers/rocketmq/group-offsets/rocketmq-group-offsets.ts';
import { answerTo, startRemotingPeer } from '../../../../support/remoting-peer.ts';

const io = { signal: AbortSignal.timeout(20_000) };
const [settings, connections, clusterInfo, reset] = [26, 203, 106, 222];
const online = `{"connectionSet":[{"clientAddr":"10.0.0.9:4711","clientId":"till@1","language":"JAVA","version":401}],"subscriptionTable":{},"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING"}`;

/** Brokers with a running group: from 5.2 on, and before. */
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

test('where one broker cannot move a running group to single offsets, no broker has moved it', async () => {
  await using lab = await cluster();
  await expect(lab.offsets.move('billing', 'orders', targets, undefined, io)).rejects.toMatchObject({
    code: 'change-refused',
  });
  expect(lab.resets()).toEqual([0, 0]);
});

test('a running group is moved to a moment: by each broker in its own way', async () => {
  await using lab = await cluster();
  expect(await lab.offsets.move('billing', 'orders', targets, { kind: 'end' }, io)).toEqual({ settlesSeconds: 20 });
  expect(lab.resets()).toEqual([1, 1]);
});
