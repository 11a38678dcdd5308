// Serves as a name server and its broker-a, from which a group has read; broker-b may consist of a slave only.

import { answerTo, startRemotingPeer, type RemotingPeer } from './remoting-peer.ts';

const code = {
  settings: 26,
  searchOffset: 29,
  end: 30,
  start: 31,
  commits: 43,
  configs: 201,
  route: 105,
  clusterInfo: 106,
  connections: 203,
};

/**
 * Topic `orders` is on both brokers, `refunds` on broker-a, and `gone` was deleted; no member of group `billing` is connected. Group `returns` was
 * created, and never started.
 *
 * @param idOfB 0 if broker-b has a master
 * @param committed current offset of the group in `orders`
 * @param staticTopic a topic whose queues are mapped
 * @param lite whether the group has committed in lite topics of `sessions`, as brokers of 5.5.0 list it
 */
export async function startGroupWithoutMaster(
  idOfB = 1,
  committed = () => 5,
  staticTopic?: string,
  lite = false,
): Promise<RemotingPeer> {
  const peer: RemotingPeer = await startRemotingPeer((frame, say) => {
    const body = (value: object | string) =>
      say(answerTo(frame, { body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) }));
    const group = (brokerName: string, id: number) => ({
      [brokerName]: { cluster: 'shop', brokerName, brokerAddrs: { [id]: peer.address } },
    });
    const brokerAddrTable = { ...group('broker-a', 0), ...group('broker-b', idOfB) };
    const holders = frame.fields['topic'] === 'orders' ? ['broker-a', 'broker-b'] : ['broker-a'];
    switch (frame.code) {
      case code.clusterInfo:
        return body({ brokerAddrTable });
      case code.route:
        if (frame.fields['topic'] === 'gone' || frame.fields['topic']?.startsWith('%LMQ%'))
          return say(answerTo(frame, { code: 17 }));
        return body({
          queueDatas: holders.map((brokerName) => ({ brokerName, perm: 6, readQueueNums: 1, writeQueueNums: 1 })),
          brokerDatas: holders.map((name) => brokerAddrTable[name]),
          ...(frame.fields['topic'] === staticTopic && { topicQueueMappingByBroker: { 'broker-a': {} } }),
        });
      case code.commits:
        return body({
          offsetTable: {
            'orders@billing': { 0: committed() },
            'refunds@billing': { 0: 3 },
            'gone@billing': { 0: 8 },
            ...(lite && { '%LMQ%$sessions$s-1@billing': { 0: 2 }, '%LMQ%$sessions$s-0@billing': { 0: 2 } }),
          },
        });
      case code.configs:
        return body({
          subscriptionGroupTable: Object.fromEntries(
            ['billing', 'returns'].map((groupName) => [
              groupName,
              { groupName, consumeEnable: true, consumeBroadcastEnable: true },
            ]),
          ),
        });
      case code.settings:
        return body('useServerSideResetOffset=true\n');
      case code.connections:
        return say(answerTo(frame, { code: 206, remark: 'the consumer group not online' }));
      default: {
        const offset = { [code.start]: '0', [code.end]: '9', [code.searchOffset]: '7' }[frame.code];
        return say(answerTo(frame, offset === undefined ? { code: 3 } : { fields: { offset } }));
      }
    }
  });
  return peer;
}
