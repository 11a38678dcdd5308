import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';
import { travel } from '../../../support/change-journey.ts';
import { brokerOf, pair, plan, shown } from '../../../support/queue-change.ts';
import { queues } from '../../../../ops/rocketmq/queues/queues.ts';

test('a rollback keeps new queues readable that hold messages', async () => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster));
  brokerOf(cluster).ends.set('orders 3', 1n);
  await trip.back();
  expect(shown(cluster)).toEqual(['2/2', '4/2']);
});

test('a rollback restores the other brokers if one no longer has the topic', async () => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster));
  brokerOf(cluster, 'a:1').topics.delete('orders');
  await trip.back();
  expect(shown(cluster)).toEqual(['undefined/undefined', '2/2']);
  expect(trip.state.status).toBe('rolled-back');
});

test('a rollback restores the other brokers if one refuses, and can be continued', async () => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster));
  cluster.fault = (question) => {
    if (question === 'defineTopic a:1') throw new AppError('broker-refused', 'a:1 refused: no permission');
  };
  await expect(trip.back()).rejects.toMatchObject({
    code: 'broker-refused',
    message: expect.stringMatching(
      /^rollback incomplete: a:1 refused: no permission\. Restored: broker-b: read queues 4, write queues 4/,
    ) as string,
  });
  cluster.fault = () => {};
  await trip.back();
  expect(shown(cluster)).toEqual(['2/2', '2/2']);
});

test('a rollback of shrinking reopens the queues to writers and readers', async () => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }));
  await trip.back();
  expect(shown(cluster)).toEqual(['2/2', '2/2']);
});

test('without name servers, a rollback restores nothing at a former master, and restores the other broker', async () => {
  const cluster = pair();
  const trip = await travel(cluster, queues, await plan(cluster, { to: 1 }));
  cluster.servers.clear();
  brokerOf(cluster).settings.set('brokerId', '1');
  await expect(trip.back()).rejects.toMatchObject({ code: 'broker-unreachable' });
  expect(shown(cluster)).toContain('2/1');
});

test('a rollback restores all but a silent name server, and the rest once it answers', async () => {
  const cluster = fakeCluster({ 'a:1': fakeBroker('broker-a'), 'b:1': fakeBroker('broker-b') }, [
    'ns1:9876',
    'ns2:9876',
  ]);
  for (const { settings } of cluster.brokers.values()) settings.set('namesrvAddr', 'ns1:9876;ns2:9876');
  const orders = () => ['ns1:9876', 'ns2:9876'].map((server) => cluster.orders.get(`${server} orders`));
  cluster.orders.set('ns1:9876 orders', 'broker-a:2');
  cluster.orders.set('ns2:9876 orders', 'broker-a:2;broker-b:2');
  const trip = await travel(cluster, queues, await plan(cluster));
  expect(trip.arrival).toEqual({ kind: 'done' });
  expect(orders()).toEqual(['broker-a:4', 'broker-a:4;broker-b:4']);

  const { orderOf } = cluster.desk;
  cluster.desk.orderOf = async (server, topic, io) => {
    if (server === 'ns1:9876') throw new AppError('broker-unreachable', 'cannot reach ns1:9876: connection refused');
    return await orderOf(server, topic, io);
  };
  await expect(trip.back()).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringContaining('rollback incomplete: cannot reach ns1:9876') as string,
  });
  expect([shown(cluster), orders()]).toEqual([
    ['2/2', '2/2'],
    ['broker-a:4', 'broker-a:2;broker-b:2'],
  ]);
  cluster.desk.orderOf = orderOf;
  await trip.back();
  expect(orders()).toEqual(['broker-a:2', 'broker-a:2;broker-b:2']);
  expect(trip.state.status).toBe('rolled-back');
});
