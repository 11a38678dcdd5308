import { expect, test } from 'vitest';
import { type Holdings, broker, inspect, io, lagsOf, listing } from '../../../../support/rocketmq-inspection.ts';
import { refusalOf } from '../../../../support/rocketmq-answers.ts';

/** `billing` was deleted while its commits were kept; `CID_RMQ_SYS_TRANS` is internal to the broker. */
const left: Holdings = {
  ends: [7],
  commits: '{"orders@billing":{0:5},"orders@shipping":{0:6},"orders@CID_RMQ_SYS_TRANS":{0:4}}',
  groups: ['shipping'],
};
const withoutBilling = ['shipping orders a 0 1', 'CID_RMQ_SYS_TRANS orders a 0 3'];

test('commits left by a deleted group give no lag and no group, and are counted', async () => {
  const { client, inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker(left) });
  const snapshot = await inspector.snapshot(io());
  expect(lagsOf(snapshot)).toEqual(withoutBilling);
  expect(snapshot.groups.map(({ name }) => name)).not.toContain('billing');
  expect(snapshot.rocketmq?.groups.map(({ name }) => name)).toEqual(['shipping']);
  expect(snapshot.rocketmq?.orphanedGroups).toEqual([{ brokerName: 'a', groups: 1 }]);
  // Connections are requested for the one remaining group only.
  expect(client.asked().filter((line) => line.endsWith(' 203'))).toHaveLength(1);
});

test('orphaned commits are determined per broker', async () => {
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker(left),
    'b:0': broker({ ends: [9], commits: '{"orders@billing":{0:5}}' }),
  });
  const snapshot = await inspector.snapshot(io());
  expect(lagsOf(snapshot).filter((lag) => lag.startsWith('billing'))).toEqual([
    'billing orders a 0 uncommitted',
    'billing orders b 0 4',
  ]);
  expect(snapshot.rocketmq?.orphanedGroups).toEqual([
    { brokerName: 'a', groups: 1 },
    { brokerName: 'b', groups: 0 },
  ]);
});

test('no commits are left out while the groups cannot be read', async () => {
  const unread = broker({ ...left, more: { 201: refusalOf(16, 'no permission') } });
  const { inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': unread });
  const snapshot = await inspector.snapshot(io());
  expect(lagsOf(snapshot)).toEqual(['billing orders a 0 2', ...withoutBilling]);
  expect(snapshot.rocketmq?.orphanedGroups).toEqual([]);
});

test('a new group has its lag in the same snapshot, and an orphaned one costs no request afterwards', async () => {
  const { client, clock, inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker(left) });
  const see = async (over: Holdings) => {
    client.processes['a:0'] = broker({ ...left, ...over });
    clock.advance(1);
    const lags = lagsOf(await inspector.snapshot(io()));
    return { lags, tables: client.asked().filter((line) => line.endsWith(' 201')).length };
  };
  expect(await see({})).toEqual({ lags: withoutBilling, tables: 1 });
  expect(await see({})).toEqual({ lags: withoutBilling, tables: 0 });
  const commits = '{"orders@billing":{0:5},"orders@shipping":{0:6},"orders@audit":{0:3}}';
  const groups = ['shipping', 'audit'];
  const withAudit = ['shipping orders a 0 1', 'audit orders a 0 4'];
  expect(await see({ commits, groups })).toEqual({ lags: withAudit, tables: 1 });
  expect(await see({ commits, groups })).toEqual({ lags: withAudit, tables: 0 });
});

test('a new group keeps its lag if the groups cannot be read again', async () => {
  const { client, inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker(left) });
  await inspector.snapshot(io());
  const commits = '{"orders@billing":{0:5},"orders@audit":{0:3}}';
  client.processes['a:0'] = broker({ ...left, commits, more: { 201: refusalOf(2, 'system busy') } });
  expect(lagsOf(await inspector.snapshot(io()))).toEqual(['audit orders a 0 4']);
});

test('a group requested by name has its commits even if orphaned, and reads the group table once', async () => {
  const { client, inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker(left) });
  const wanted = { topics: ['orders'], groups: ['billing'] };
  expect(lagsOf(await inspector.snapshot(io(), wanted))).toEqual(['billing orders a 0 2']);
  client.asked();
  expect(lagsOf(await inspector.snapshot(io(), wanted))).toEqual(['billing orders a 0 2']);
  expect(client.asked().some((line) => line.endsWith(' 201'))).toBe(false);
});
