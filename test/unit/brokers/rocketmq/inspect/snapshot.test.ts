import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import { answerOf, refusalOf } from '../../../../support/rocketmq-answers.ts';
import type { Process } from '../../../../support/rocketmq-processes.ts';
import {
  type Holdings,
  broker,
  inspect,
  io,
  lagsOf,
  listing,
  troubles,
} from '../../../../support/rocketmq-inspection.ts';

test('commits are read before runtime figures, and figures before end offsets', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
  });
  await inspector.snapshot(io());
  const order = client.asked().filter((line) => /^a:0 (43|28|30)$/.test(line));
  expect(order).toEqual(['a:0 43', 'a:0 28', 'a:0 30']);
});

test('runtime information may be as old as requested, while lags are always current', async () => {
  const { client, clock, inspector } = inspect({ 'ns-1:9876': listing('a:0', 'a:1'), 'a:1': broker() });
  const wanted = { topics: ['orders'], runtimeMaxAgeSeconds: 10 };
  const see = async (end: number) => {
    const commits = `{"orders@billing":{0:${end - 2}}}`;
    const whole = `{"offsetTable":{{"brokerName":"a","queueId":0,"topic":"orders"}:{"minOffset":0,"maxOffset":${end}}}}`;
    client.processes['a:0'] = broker({ ends: [end], commits, more: { 202: whole } });
    const snapshot = await inspector.snapshot(io(), wanted);
    const inSync = snapshot.topics[0]?.partitions[0]?.inSyncReplicas;
    clock.advance(1);
    const runtimes = client.asked().filter((line) => line.endsWith(' 28')).length;
    return { lags: lagsOf(snapshot), end: Number(snapshot.offsets[0]?.end), inSync, runtimes };
  };
  const both = ['a:0', 'a:1'];
  const lags = ['billing orders a 0 2'];
  expect(await see(7)).toEqual({ lags, end: 7, inSync: both, runtimes: 2 });
  expect(await see(90)).toEqual({ lags, end: 90, inSync: both, runtimes: 0 });
  clock.advance(8);
  expect(await see(100)).toEqual({ lags, end: 100, inSync: both, runtimes: 2 });
  expect(await see(110)).toEqual({ lags, end: 110, inSync: both, runtimes: 0 });
});

test('a lag uses commits and ends of one reading, whichever of them cannot be read again', async () => {
  const commits = '{"orders@billing":{0:5}}';
  const { client, inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker({ ends: [7], commits }) });
  const refused = refusalOf(1, 'system busy');
  const breaks = () => {
    throw new AppError('answer-unreadable', 'cut');
  };
  const see = async (ends: readonly number[], over: Holdings) => {
    client.processes['a:0'] = broker({ ends, commits, runtime: { commitLogMaxOffset: String(ends[0]) }, ...over });
    const snapshot = await inspector.snapshot(io());
    return {
      lags: lagsOf(snapshot),
      end: Number(snapshot.offsets[0]?.end),
      kept: troubles(snapshot).filter((part) => /^(commits|offsets)/.test(part)),
    };
  };
  const two = ['billing orders a 0 2'];
  expect(await see([7], {})).toEqual({ lags: two, end: 7, kept: [] });
  expect(await see([90], { more: { 43: refused } })).toEqual({ lags: two, end: 90, kept: ['commits a:0 kept'] });
  // Now the commits are current, and the ends are from a time whose commits are unknown.
  expect(await see([100], { commits: '{"orders@billing":{0:98}}', more: { 30: breaks, 202: breaks } })).toEqual({
    lags: [],
    end: 90,
    kept: ['offsets a:0 kept'],
  });
  expect(await see([100], { commits: '{"orders@billing":{0:99}}' })).toEqual({
    lags: ['billing orders a 0 1'],
    end: 100,
    kept: [],
  });
});

test('a queue without a commit is uncommitted, and an empty queue is left out', async () => {
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7, 9, 0], commits: '{"orders@billing":{0:5}}' }),
    'b:0': broker({ ends: [4] }),
  });
  expect(lagsOf(await inspector.snapshot(io()))).toEqual([
    'billing orders a 0 2',
    'billing orders a 1 uncommitted',
    'billing orders b 0 uncommitted',
  ]);
});

test('the topic BenchmarkTest is shown on a broker where a group has commits in it', async () => {
  const config = '{"topicConfigTable":{"BenchmarkTest":{"perm":6,"readQueueNums":1,"writeQueueNums":1}}}';
  const commits = '{"BenchmarkTest@bench":{0:5}}';
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7], commits, more: { 21: config } }),
    'b:0': broker({ ends: [7], more: { 21: config } }),
  });
  const snapshot = await inspector.snapshot(io());
  expect(lagsOf(snapshot)).toEqual(['bench BenchmarkTest a 0 2']);
  expect(snapshot.topics).toMatchObject([{ internal: false, partitions: [{ brokerName: 'a' }] }]);
});

test('a committed queue with an unknown end is kept, and one that the topic no longer has is dropped', async () => {
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({
      ends: [7, 9],
      commits: '{"orders@billing":{0:5,1:9,7:3}}',
      more: { 30: ({ fields }) => (fields['queueId'] === '1' ? refusalOf(1, 'busy') : answerOf('', { offset: '7' })) },
    }),
  });
  const { groups } = await inspector.snapshot(io());
  expect(groups[0]?.withoutEnd).toEqual(new Map([['orders', [{ partition: 1, brokerName: 'a', committed: 9n }]]]));
});

test('a 5.x broker replicated by DLedger has no replication status, and none is reported missing', async () => {
  const refused = refusalOf(1, 'Can not get HARuntimeInfo, may be duplicationEnable is true');
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({ runtime: { brokerVersionDesc: 'V5_5_0' }, more: { 907: refused } }),
  });
  const snapshot = await inspector.snapshot(io());
  expect(snapshot.sections.filter(({ section }) => section === 'ha')).toMatchObject([{ kind: 'fresh' }]);
  expect(snapshot.rocketmq?.brokers[0]).not.toHaveProperty('ha');
});

test('internal groups of the broker do not count as consumers', async () => {
  const reviveLog = 'rmq_sys_REVIVE_LOG_lab';
  const queues = '"perm":6,"readQueueNums":1,"writeQueueNums":1';
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({
      ends: [7],
      commits: `{"orders@TOOLS_CONSUMER":{0:5},"orders@billing":{0:5},"${reviveLog}@CID_RMQ_SYS_REVIVE_GROUP":{0:6}}`,
      groups: ['billing'],
      more: { 21: `{"topicConfigTable":{"orders":{${queues}},"${reviveLog}":{${queues}}}}` },
    }),
  });
  expect(lagsOf(await inspector.snapshot(io()))).toEqual(['billing orders a 0 2']);
});

test('a broadcasting group has no lag on the broker, even with old commits', async () => {
  const clients = '{"connectionSet":[{"clientId":"c","version":407}],"messageModel":"BROADCASTING"}';
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@watch":{0:5}}', clients }),
  });
  const snapshot = await inspector.snapshot(io());
  expect(lagsOf(snapshot)).toEqual([]);
  expect(snapshot.rocketmq?.groups).toEqual([
    { name: 'watch', messageModel: 'broadcasting', clients: 1, clientVersions: ['V4_9_7'], subscriptionConflicts: [] },
  ]);
});

test('a group that switched to broadcasting has no lag while offline, and has lag after it switched back', async () => {
  const commits = '{"orders@watch":{0:5}}';
  const clients = (model: string) => `{"connectionSet":[{"clientId":"c","version":407}],"messageModel":"${model}"}`;
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7], commits, clients: clients('BROADCASTING') }),
    'b:0': broker(),
  });
  expect(lagsOf(await inspector.snapshot(io()))).toEqual([]);
  client.processes['a:0'] = broker({ ends: [7], commits });
  for (const _ of [1, 2]) {
    clock.advance(61);
    const away = await inspector.snapshot(io());
    expect(lagsOf(away)).toEqual([]);
    expect(away.rocketmq?.groups).toMatchObject([{ name: 'watch', messageModel: 'broadcasting', clients: 0 }]);
  }
  client.processes['b:0'] = broker({ commits, clients: clients('CLUSTERING') });
  clock.advance(61);
  expect(lagsOf(await inspector.snapshot(io()))).toEqual(['watch orders a 0 2']);
});

test('a client that reads from two brokers counts once, and all client versions are listed', async () => {
  const client = (id: string, version: number) => `{"clientId":"${id}","version":${version}}`;
  const clients = (...rows: string[]) => `{"connectionSet":[${rows.join(',')}],"messageModel":"CLUSTERING"}`;
  const commits = '{"orders@billing":{0:5}}';
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7], commits, clients: clients(client('one', 407), client('two', 479)) }),
    'b:0': broker({ ends: [7], commits, clients: clients(client('one', 407)) }),
  });
  expect((await inspector.snapshot(io())).rocketmq?.groups).toMatchObject([
    { name: 'billing', clients: 2, clientVersions: ['V4_9_7', 'V5_3_3'] },
  ]);
});

test('a group has 0 clients only if every master that may have one responded', async () => {
  const commits = '{"orders@billing":{0:5}}';
  const processes = {
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7], commits }),
    'b:0': broker({ ends: [7] }),
  };
  const clientsIn = async (of: Record<string, Process>) => {
    const { inspector } = inspect(of);
    return (await inspector.snapshot(io())).rocketmq?.groups.map(({ name, clients }) => [name, clients]);
  };
  expect(await clientsIn(processes)).toEqual([['billing', 0]]);
  const { 'b:0': _, ...withoutB } = processes;
  expect(await clientsIn(withoutB)).toEqual([['billing', undefined]]);
});

test('a slave in place of its master cannot show that a group has no clients', async () => {
  const commits = '{"orders@billing":{0:5}}';
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0', 'a:1'),
    'a:1': broker({ ends: [7], commits }),
  });
  expect((await inspector.snapshot(io())).rocketmq?.groups[0]).not.toHaveProperty('clients');
});

test('settings that differ between brokers are found, except those that must differ', async () => {
  const config = (text: string) => ({ more: { 26: text } });
  const { inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker(config('brokerName=a\nflushDiskType=ASYNC_FLUSH\nfileReservedTime=72')),
    'b:0': broker(config('brokerName=b\nflushDiskType=SYNC_FLUSH\nfileReservedTime=72\nnewIn5=1')),
  });
  expect((await inspector.snapshot(io())).rocketmq?.disagreements).toEqual([
    { of: 'broker-config', subject: 'flushDiskType', sides: { 'a:0': 'ASYNC_FLUSH', 'b:0': 'SYNC_FLUSH' } },
  ]);
});

test('brokers and topics are compared within their cluster, not across clusters of one name server', async () => {
  const row = (name: string, cluster: string) =>
    `"${name}":{"brokerAddrs":{0:"${name}:0"},"brokerName":"${name}","cluster":"${cluster}"}`;
  const of = (cluster: string, queues: number, flush: string) =>
    broker({
      ends: Array.from({ length: queues }, () => 7),
      more: { 26: `brokerClusterName=${cluster}\nflushDiskType=${flush}` },
    });
  const { client, clock, inspector } = inspect({
    'ns-1:9876': {
      106: `{"brokerAddrTable":{${row('a', 'sales')},${row('b', 'sales')},${row('c', 'finance')}}}`,
    },
    'a:0': of('sales', 1, 'ASYNC_FLUSH'),
    'b:0': of('sales', 1, 'ASYNC_FLUSH'),
    'c:0': of('finance', 2, 'SYNC_FLUSH'),
  });
  const { rocketmq } = await inspector.snapshot(io());
  expect(rocketmq?.disagreements).toEqual([]);
  expect(rocketmq?.brokers.map(({ cluster }) => cluster)).toEqual(['sales', 'sales', 'finance']);
  client.processes['b:0'] = of('sales', 2, 'SYNC_FLUSH');
  clock.advance(601);
  const queues = (count: number) => `read ${count}, write ${count}, permission 6`;
  expect((await inspector.snapshot(io())).rocketmq?.disagreements).toEqual([
    { of: 'broker-config', subject: 'flushDiskType', sides: { 'a:0': 'ASYNC_FLUSH', 'b:0': 'SYNC_FLUSH' } },
    { of: 'topic-config', subject: 'orders', sides: { a: queues(1), b: queues(2) } },
  ]);
});

test('members with different subscriptions are a conflict of their topic', async () => {
  const clients =
    '{"connectionSet":[{"clientId":"one"},{"clientId":"two"},{"clientId":"mute"}],"messageModel":"CLUSTERING"}';
  const subscribed = (tags: string) => answerOf(`{"subscriptionSet":[{"topic":"orders","subString":"${tags}"}]}`);
  let isBroken = false;
  const { clock, inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({
      ends: [7],
      commits: '{"orders@billing":{0:5}}',
      clients,
      more: {
        307({ fields: { clientId } }) {
          if (isBroken) throw new AppError('broker-unreachable', 'the connection was closed');
          return clientId === 'mute' ? refusalOf(1, 'timeout') : subscribed(clientId === 'one' ? 'TagA' : 'TagB');
        },
      },
    }),
  });
  const found = async () => (await inspector.snapshot(io())).rocketmq?.groups;
  expect(await found()).toMatchObject([{ subscriptionConflicts: ['orders'] }]);

  isBroken = true;
  clock.advance(601);
  await found();
  isBroken = false;
  expect(await found(), 'after a turn that came to nothing').toMatchObject([{ subscriptionConflicts: ['orders'] }]);
});

test('the store time of the last consumed message is read while a group moves, and kept while it is idle', async () => {
  const { client, clock, inspector } = inspect({ 'ns-1:9876': listing('a:0') });
  const storedAt = async (end: number, ...committed: number[]) => {
    const row = (commit: number, queueId: number) =>
      `{"brokerName":"a","queueId":${queueId},"topic":"orders"}:{"consumerOffset":${commit},"lastTimestamp":${1000 + commit}}`;
    const ends = (queueId: number) =>
      `{"brokerName":"a","queueId":${queueId},"topic":"orders"}:{"minOffset":0,"maxOffset":${end}}`;
    client.processes['a:0'] = broker({
      ends: committed.map(() => end),
      commits: `{"orders@billing":{${committed.map((commit, queueId) => `${queueId}:${commit}`).join(',')}}}`,
      runtime: { commitLogMaxOffset: String(end) },
      more: {
        202: `{"offsetTable":{${committed.map((_, queueId) => ends(queueId)).join(',')}}}`,
        208: `{"offsetTable":{${committed.map(row).join(',')}}}`,
      },
    });
    clock.advance(15);
    const [group] = (await inspector.snapshot(io())).groups;
    return Array.from(group?.partitions ?? [], ({ consumedStoredAtMs }) => consumedStoredAtMs);
  };
  const timesAsked = () => client.asked().filter((line) => line.endsWith(' 208')).length;
  expect(await storedAt(7, 5, 5), 'of a group that may be far behind a page would come in from disk').toEqual([
    undefined,
    undefined,
  ]);
  expect(await storedAt(9, 6, 5), 'and of one queue of it as well').toEqual([undefined, undefined]);
  expect(timesAsked()).toBe(0);
  expect(await storedAt(9, 7, 6)).toEqual([1007, 1006]);
  expect(await storedAt(99, 7, 6), 'it hangs').toEqual([1007, 1006]);
  expect(await storedAt(99, 7, 8)).toEqual([1007, undefined]);
  expect(timesAsked()).toBe(1);
});

test('in-sync replicas come from the leading controller', async () => {
  const { inspector } = inspect(
    {
      'ns-1:9876': listing('a:0', 'a:1'),
      'a:0': broker({ ends: [7] }),
      'a:1': broker(),
      'c-1:9878': { 1005: () => answerOf('', { controllerLeaderAddress: 'c-2:9878' }) },
      'c-2:9878': {
        1006: '{"replicasInfoTable":{"a":{"masterBrokerId":0,"masterEpoch":2,"inSyncReplicas":[{"brokerAddress":"a:0","brokerId":1}],"notInSyncReplicas":[{"brokerAddress":"a:1","brokerId":2},{"brokerAddress":"a:2","brokerId":3,"alive":false}]}}}',
      },
    },
    { controllers: ['c-0:9878', 'c-1:9878'] },
  );
  const snapshot = await inspector.snapshot(io());
  expect(snapshot.cluster.controllerId).toBe('c-2:9878');
  const controllers = snapshot.sections.filter(({ section }) => section === 'controller');
  expect(new Map(controllers.map(({ broker, kind }) => [broker, kind]))).toEqual(
    new Map([
      ['c-0:9878', 'missing'],
      ['c-1:9878', 'fresh'],
    ]),
  );
  // The name servers list no broker at a:2 any more.
  expect(snapshot.topics[0]?.partitions).toMatchObject([{ replicas: ['a:0', 'a:1', 'a:3'], inSyncReplicas: ['a:0'] }]);
  expect(snapshot.rocketmq?.syncStateSets).toMatchObject([{ brokerName: 'a', notInSync: ['a:1', 'a:2'] }]);
});

test('in-sync replicas are read from a 5.0 controller, which does not report the others', async () => {
  const { inspector } = inspect(
    {
      'ns-1:9876': listing('a:0', 'a:1'),
      'a:0': broker({ ends: [7] }),
      'a:1': broker(),
      'c-1:9878': {
        1005: () => answerOf('', { controllerLeaderAddress: 'c-1:9878' }),
        1006: '{"inSyncStateTable":{"a":{"masterAddress":"a:0","masterEpoch":1,"syncStateSetEpoch":2,"inSyncMembers":[{"address":"a:0","brokerId":0}]}}}',
      },
    },
    { controllers: ['c-1:9878'] },
  );
  const snapshot = await inspector.snapshot(io());
  expect(snapshot.sections.find(({ section }) => section === 'sync-state')?.kind).toBe('fresh');
  expect(snapshot.topics[0]?.partitions).toMatchObject([{ inSyncReplicas: ['a:0'] }]);
  expect(snapshot.rocketmq?.syncStateSets).toMatchObject([{ brokerName: 'a', masterEpoch: 1, inSync: ['a:0'] }]);
});

test('a snapshot of some topics and groups sends requests only for them', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5},"orders@other":{0:1}}' }),
  });
  const snapshot = await inspector.snapshot(io(), { topics: ['orders'], groups: ['billing'] });
  expect(lagsOf(snapshot)).toEqual(['billing orders a 0 2']);
  expect(client.asked().some((line) => / (26|203|315)$/.test(line))).toBe(false);
});

test('a topic created after the first snapshot is found when requested by name', async () => {
  const made = { topics: '{}' };
  const more = { 21: () => answerOf(`{"topicConfigTable":${made.topics}}`) };
  const { inspector } = inspect({ 'ns-1:9876': listing('a:0'), 'a:0': broker({ more }) });
  await inspector.snapshot(io());
  made.topics = '{"shadow":{"perm":6,"readQueueNums":1,"writeQueueNums":1}}';
  const { topics } = await inspector.snapshot(io(), { topics: ['shadow'], groups: [] });
  expect(topics.map(({ name }) => name)).toEqual(['shadow']);
});
