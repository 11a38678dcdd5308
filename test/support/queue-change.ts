// Provides two brokers in memory, and the plan of a change of the queues of their topic `orders`.

import { planQueues, type QueuesSpec } from '../../ops/rocketmq/queues/plan-queues.ts';
import { fakeBroker, fakeCluster, store, type FakeCluster } from './fake-change-desk.ts';

const io = { signal: new AbortController().signal };
export const pair = () => fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') });
export const plan = (cluster: FakeCluster, over: Partial<QueuesSpec> = {}) =>
  planQueues(
    cluster.desk,
    {
      topic: 'orders',
      to: 4,
      brokers: [],
      quietSeconds: 10,
      settleSeconds: 50,
      ignoredGroups: [],
      giveUpReplay: true,
      acceptKeyMoves: false,
      ...over,
    },
    new Date(0),
    io,
  );
export const shown = (cluster: FakeCluster) =>
  Array.from(cluster.brokers.values(), ({ topics }) => {
    const topic = topics.get('orders');
    return `${topic?.readQueues}/${topic?.writeQueues}`;
  });
export const brokerOf = (cluster: FakeCluster, address = 'b:1') => cluster.brokers.get(address) ?? fakeBroker('');

export const sentTo = (topic: string) => Buffer.from(`REAL_TOPIC\u0001${topic}\u0002`);
export const delayed = { queueId: 1, properties: sentTo('orders') };

/** The broker has received a message with delay level 3 (10 s), and delivers it later. */
export function lateCluster() {
  const cluster = pair();
  const broker = brokerOf(cluster);
  store(broker, 'orders', delayed);
  broker.commits = [{ topic: 'orders', group: 'billing', byQueue: new Map([[1, 1n]]) }];
  broker.ends.set('SCHEDULE_TOPIC_XXXX 2', 4n);
  const deliver = (count: bigint) => void broker.runtime.set('scheduleMessageOffset_3', `${count},4`);
  deliver(3n);
  return { cluster, broker, deliver };
}
