import { expect, test } from 'vitest';
import { createRocketmqAdmin } from '../../../../brokers/rocketmq/admin.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { brokerGroups, connectNameServers, mastersOf } from '../../../../brokers/rocketmq/masters.ts';
import { createRocketmqTraffic } from '../../../../brokers/rocketmq/traffic.ts';
import { answerTo, startRemotingPeer } from '../../../support/remoting-peer.ts';

const io = () => ({ signal: AbortSignal.timeout(10_000) });
const noRoute = { code: 17, remark: 'No topic route info in name server for the topic' };
const requestCode = { route: 105, clusterInfo: 106, updateTopic: 17, deleteInBroker: 215, deleteInNameServer: 216 };

/**
 * One process stands for the name server and for broker-a. Of broker-b only a slave is left, and broker-x belongs to another
 * cluster.
 *
 * @param held queues by topic, then by broker name
 */
async function startCluster(idOfA: number, held: Record<string, Record<string, number>> = {}) {
  const peer = await startRemotingPeer((frame, say) => {
    const group = (brokerName: string, cluster: string, brokerAddrs: Record<string, string>) => ({
      [brokerName]: { cluster, brokerName, brokerAddrs },
    });
    const brokerAddrTable = {
      ...group('broker-a', 'shop', { [idOfA]: peer.address }),
      ...group('broker-b', 'shop', { 1: '127.0.0.1:1' }),
      ...group('broker-x', 'other', { 1: '127.0.0.1:1' }),
    };
    const { topic = '', writeQueueNums } = frame.fields as Record<string, string>;
    if (frame.code === requestCode.updateTopic) held[topic] = { 'broker-a': Number(writeQueueNums) };
    if (frame.code === requestCode.deleteInNameServer) delete held[topic];
    const json = (body: object) => say(answerTo(frame, { body: Buffer.from(JSON.stringify(body)) }));
    if (frame.code === requestCode.clusterInfo) return json({ brokerAddrTable });
    if (frame.code !== requestCode.route) return say(answerTo(frame));
    const queues = held[topic];
    if (queues === undefined) return say(answerTo(frame, noRoute));
    return json({
      queueDatas: Object.entries(queues).map(([brokerName, count]) => ({
        brokerName,
        perm: 6,
        readQueueNums: count,
        writeQueueNums: count,
      })),
      brokerDatas: Object.values(brokerAddrTable).filter(({ brokerName }) => Object.hasOwn(queues, brokerName)),
    });
  });
  return { peer, config: RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [peer.address] }) };
}

test('a broker group without a master does not block topics and traffic of other groups', async () => {
  const { peer, config } = await startCluster(0);
  await using _ = peer;
  await using _traffic = await createRocketmqTraffic('shop', config, io());
  await using admin = await createRocketmqAdmin('shop', config, io());
  await admin.createTopic({ name: 'plimsoll-test', partitions: 4, replicationFactor: 1 }, io());
  const made = peer.received.filter(({ code }) => code === requestCode.updateTopic);
  expect(made.map(({ fields }) => (fields as Record<string, string>)['writeQueueNums'])).toEqual(['4']);
  await admin.deleteTopic('plimsoll-test', io());
  expect(peer.received.map(({ code }) => code)).toContain(requestCode.deleteInBroker);
});

test('no topic is deleted while one of its broker groups has no master', async () => {
  const { peer, config } = await startCluster(0, { orders: { 'broker-a': 4, 'broker-b': 4 } });
  await using _ = peer;
  await using admin = await createRocketmqAdmin('shop', config, io());
  await expect(admin.deleteTopic('orders', io())).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: 'broker group broker-b of cluster shop has no master now',
  });
  expect(peer.received.map(({ code }) => code)).not.toContain(requestCode.deleteInBroker);
});

test('refuses to create a topic if no group has a master', async () => {
  const { peer, config } = await startCluster(1);
  await using _ = peer;
  await using admin = await createRocketmqAdmin('shop', config, io());
  await expect(
    admin.createTopic({ name: 'plimsoll-test', partitions: 4, replicationFactor: 1 }, io()),
  ).rejects.toMatchObject({ message: 'no broker group of cluster shop has a master now' });
});

test('masters are those listed by any name server, even if the first one restarted with an empty list', async () => {
  const { peer, config } = await startCluster(0);
  await using _ = peer;
  await using restarted = await startRemotingPeer((frame, say) => say(answerTo(frame, { body: Buffer.from('{}') })));
  const namesrv = [restarted.address, peer.address];
  const nameServers = await connectNameServers('shop', { ...config, namesrv }, io());
  await using _client = nameServers.client;
  expect(await mastersOf(nameServers, io())).toMatchObject([{ brokerName: 'broker-a', address: peer.address }]);
  expect(await brokerGroups(nameServers, io())).toEqual(new Set(['broker-a', 'broker-b', 'broker-x']));
});
