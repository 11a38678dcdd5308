import { expect, test } from 'vitest';
import { broker, inspect, io, listing } from '../../../../support/rocketmq-inspection.ts';

test('name servers with different broker lists are reported, and brokers of any list are read', async () => {
  const { inspector } = inspect(
    {
      'ns-1:9876': listing('a:0'),
      'ns-2:9876': listing('a:0', 'b:0'),
      'a:0': broker({ ends: [7] }),
      'b:0': broker({ ends: [4] }),
    },
    { namesrv: ['ns-1:9876', 'ns-2:9876'] },
  );
  const { offsets, rocketmq } = await inspector.snapshot(io());
  expect(offsets.map(({ brokerName }) => brokerName)).toEqual(['a', 'b']);
  expect(rocketmq?.nameServers).toEqual([
    { address: 'ns-1:9876', reachable: true, brokers: ['a:0'] },
    { address: 'ns-2:9876', reachable: true, brokers: ['a:0', 'b:0'] },
  ]);
  expect(rocketmq?.disagreements).toContainEqual({
    of: 'name-server-brokers',
    subject: 'b:0',
    sides: { 'ns-1:9876': 'not listed', 'ns-2:9876': 'b:0' },
  });
});

test('name servers with different routes are reported', async () => {
  const route = (queues: number) =>
    `{"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":${queues},"writeQueueNums":${queues}}],"brokerDatas":[]}`;
  const { inspector } = inspect(
    {
      'ns-1:9876': { ...listing('a:0'), 105: route(1) },
      'ns-2:9876': { ...listing('a:0'), 105: route(2) },
      'a:0': broker({ ends: [7] }),
    },
    { namesrv: ['ns-1:9876', 'ns-2:9876'] },
  );
  expect((await inspector.snapshot(io())).rocketmq?.disagreements).toEqual([
    {
      of: 'name-server-route',
      subject: 'orders',
      sides: { 'ns-1:9876': 'a read 1 write 1 rw', 'ns-2:9876': 'a read 2 write 2 rw' },
    },
  ]);
});

test('a name server that is down is reported while the others are used', async () => {
  const { inspector } = inspect(
    { 'ns-2:9876': listing('a:0'), 'a:0': broker({ ends: [7] }) },
    { namesrv: ['ns-1:9876', 'ns-2:9876'] },
  );
  const snapshot = await inspector.snapshot(io());
  expect(snapshot.rocketmq?.nameServers[0]).toEqual({ address: 'ns-1:9876', reachable: false });
  expect(snapshot.offsets).toHaveLength(1);
});

test('brokers stay known for a while when every name server is gone', async () => {
  const { client, clock, inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker({ ends: [7] }) });
  await inspector.snapshot(io());
  delete client.processes['ns-1:9876'];
  clock.advance(60);
  expect((await inspector.snapshot(io())).offsets).toHaveLength(1);
  clock.advance(600);
  await expect(inspector.snapshot(io())).rejects.toMatchObject({ code: 'name-servers-unreachable' });
});

test('the last list of a dead name server does not override one that responds', async () => {
  const { client, clock, inspector } = inspect(
    {
      'ns-1:9876': listing('a:0', 'a:1', 'b:0'),
      'ns-2:9876': listing('a:0', 'a:1'),
      'a:0': broker(),
      'a:1': broker(),
      'b:0': broker(),
    },
    { namesrv: ['ns-1:9876', 'ns-2:9876'] },
  );
  await inspector.snapshot(io());
  delete client.processes['ns-1:9876'];
  delete client.processes['a:0'];
  const moved = '{"brokerAddrTable":{"a":{"brokerAddrs":{0:"a:1"},"brokerName":"a","cluster":"lab"}}}';
  client.processes['ns-2:9876'] = { 106: moved };
  clock.advance(60);
  expect((await inspector.snapshot(io())).cluster.brokers).toEqual([
    { id: 'a:0', address: 'a:1' },
    { id: 'b:0', address: 'b:0' },
  ]);
});

test('a broker address used as a name server is refused, with a hint', async () => {
  const { inspector } = inspect({ 'ns-1:9876': broker() });
  await expect(inspector.describe(io())).rejects.toMatchObject({
    code: 'broker-refused',
    message: expect.stringContaining('ns-1:9876: a RocketMQ broker listens on this port, not a name server'),
    hint: expect.stringContaining('default port 9876'),
  });
});

test('a name server without brokers is distinguished from one that is down', async () => {
  const { inspector } = inspect({ 'ns-1:9876': { 106: '{"brokerAddrTable":{}}' } });
  await expect(inspector.describe(io())).rejects.toMatchObject({
    message: 'cluster lab: no broker has registered with ns-1:9876',
  });
});

test('after a restart of the only name server, brokers stay known until they have registered again', async () => {
  const both = listing('a:0', 'a:1', 'b:0');
  const brokers = { 'a:0': broker({ ends: [7] }), 'a:1': broker(), 'b:0': broker({ ends: [4] }) };
  const { client, clock, inspector } = inspect({ 'ns-1:9876': both, ...brokers });
  const seen = async () => (await inspector.snapshot(io())).cluster.brokers.map(({ id }) => id);
  await seen();
  delete client.processes['ns-1:9876'];
  await seen();
  client.processes['ns-1:9876'] = listing();
  expect(await seen()).toEqual(['a:0', 'a:1', 'b:0']);
  clock.advance(20);
  client.processes['ns-1:9876'] = listing('a:1');
  expect(await seen()).toEqual(['a:0', 'a:1', 'b:0']);
  clock.advance(20);
  expect(await seen()).toEqual(['a:1']);
});

test('a broker that leaves the list of a running name server is gone at once, also when it answered late before', async () => {
  const { client, inspector } = inspect({ 'ns-1:9876': listing('a:0', 'b:0'), 'a:0': broker(), 'b:0': broker() });
  await inspector.snapshot(io());
  client.processes['ns-1:9876'] = 'hangs';
  await inspector.snapshot(io());
  client.processes['ns-1:9876'] = listing('a:0');
  expect((await inspector.snapshot(io())).cluster.brokers.map(({ id }) => id)).toEqual(['a:0']);
});
