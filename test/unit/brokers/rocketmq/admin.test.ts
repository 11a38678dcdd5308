import { expect, test } from 'vitest';
import { createRocketmqAdmin, spread } from '../../../../brokers/rocketmq/admin.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { answerTo, startRemotingPeer } from '../../../support/remoting-peer.ts';

const masters = ['a', 'b', 'c'].map((brokerName) => ({ brokerName, address: `${brokerName}:10911` }));
const queues = (partitions: number) =>
  Object.fromEntries(spread(partitions, masters).map(([{ brokerName }, count]) => [brokerName, count]));

test('spreads queues over the masters, with the remainder on the first ones', () => {
  expect(queues(8)).toEqual({ a: 3, b: 3, c: 2 });
});

test('creates no topic on a master that would get no queue', () => expect(queues(2)).toEqual({ a: 1, b: 1 }));

test('a topic exists if any name server lists it, even if the first one was restarted', async () => {
  const group = { cluster: 'shop', brokerName: 'broker-a', brokerAddrs: { 0: '127.0.0.1:1' } };
  const queueDatas = [{ brokerName: 'broker-a', perm: 6, readQueueNums: 4, writeQueueNums: 4 }];
  const listed = { 106: { brokerAddrTable: { 'broker-a': group } } };
  const serving = (bodies: Readonly<Record<number, object>>) =>
    startRemotingPeer((frame, say) => {
      const body = bodies[frame.code];
      // 17: TOPIC_NOT_EXIST
      say(answerTo(frame, body === undefined ? { code: 17 } : { body: Buffer.from(JSON.stringify(body)) }));
    });
  await using restarted = await serving(listed);
  await using other = await serving({ ...listed, 105: { queueDatas, brokerDatas: [group] } });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [restarted.address, other.address] });
  const io = { signal: new AbortController().signal };
  await using admin = await createRocketmqAdmin('shop', config, io);
  await expect(admin.createTopic({ name: 'orders', partitions: 8, replicationFactor: 1 }, io)).rejects.toMatchObject({
    code: 'topic-conflict',
    message: 'cannot create topic orders with 8 partitions: it exists with 4 partitions',
  });
});

test('a route that a late registration restores is deleted again', async () => {
  const queueDatas = [{ brokerName: 'broker-a', perm: 6, readQueueNums: 4, writeQueueNums: 4 }];
  let deletions = 0;
  await using peer = await startRemotingPeer((frame, say) => {
    const group = { cluster: 'shop', brokerName: 'broker-a', brokerAddrs: { 0: peer.address } };
    // 215 deletes on the broker, 216 on the name server; 17: TOPIC_NOT_EXIST.
    if (frame.code === 216) deletions += 1;
    const isListed = deletions < 2;
    const bodies: Readonly<Record<number, object | undefined>> = {
      105: isListed ? { queueDatas, brokerDatas: [group] } : undefined,
      106: { brokerAddrTable: { 'broker-a': group } },
      215: {},
      216: {},
    };
    const body = bodies[frame.code];
    say(answerTo(frame, body === undefined ? { code: 17 } : { body: Buffer.from(JSON.stringify(body)) }));
  });
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [peer.address] });
  const io = { signal: new AbortController().signal };
  await using admin = await createRocketmqAdmin('shop', config, io);
  await admin.deleteTopic('orders', io);
  expect(deletions).toBe(2);
});
