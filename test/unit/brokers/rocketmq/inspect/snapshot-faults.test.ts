import { expect, test } from 'vitest';
import type { ClusterInspector } from '../../../../../brokers/driver.ts';
import { readingAges } from '../../../../../exporter/lag/reading-ages.ts';
import { answerOf } from '../../../../support/rocketmq-answers.ts';
import type { Process } from '../../../../support/rocketmq-processes.ts';
import { broker, inspect, io, lagsOf, listing, troubles } from '../../../../support/rocketmq-inspection.ts';

test('a dead broker affects only its own parts, while the others stay fresh', async () => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'b:0': broker({ ends: [4], commits: '{"orders@billing":{0:4}}' }),
  });
  const before = await inspector.snapshot(io());
  expect(troubles(before)).toEqual([]);
  delete client.processes['b:0'];

  clock.advance(15);
  const kept = await inspector.snapshot(io());
  expect(lagsOf(kept)).toEqual(lagsOf(before));
  expect(troubles(kept)).toContain('offsets b:0 kept');
  expect(kept.sections.find(({ section, broker: of }) => section === 'offsets' && of === 'b:0')?.ageSeconds).toBe(15);

  clock.advance(600);
  const dropped = await inspector.snapshot(io());
  expect(lagsOf(dropped)).toEqual(['billing orders a 0 2']);
  expect(troubles(dropped)).toContain('offsets b:0 missing');
  expect(dropped.offsets).toHaveLength(1);
  expect(
    dropped.topics[0]?.partitions.map(({ brokerName }) => brokerName),
    'its queues stay known while it is listed, so that no sum without them counts as the whole',
  ).toEqual(['a', 'b']);
});

test('queues of a dead master without slaves stay as they were, without a leader, until it is not expected any more', async () => {
  const closed = 'brokerPermission=4';
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0', 'c:0', 'd:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'b:0': broker({ ends: [4], commits: '{"orders@billing":{0:1}}' }),
    'c:0': broker({ ends: [2], commits: '{"orders@billing":{0:2}}', more: { 26: closed } }),
    'd:0': broker({ ends: [2], commits: '{"orders@billing":{0:2}}' }),
  });
  await inspector.snapshot(io());
  client.processes['d:0'] = broker({ ends: [2], commits: '{"orders@billing":{0:2}}', more: { 26: closed } });
  clock.advance(70);
  await inspector.snapshot(io());
  client.processes['ns-1:9876'] = listing('a:0');
  for (const id of ['b:0', 'c:0', 'd:0']) delete client.processes[id];
  client.asked();
  let age = 0;
  for (const seconds of [15, 300, 3000, 3500, 3500, 3500]) {
    clock.advance(seconds);
    age += seconds;
    const snapshot = await inspector.snapshot(io());
    expect(lagsOf(snapshot)).toEqual(['billing orders a 0 2', 'billing orders b 0 3']);
    expect(snapshot.topics[0]?.partitions.map(({ brokerName, leader }) => [brokerName, leader])).toEqual([
      ['a', 'a:0'],
      ['b', undefined],
    ]);
    expect(snapshot.cluster.brokers).toEqual([{ id: 'a:0', address: 'a:0' }]);
    expect(snapshot.groups).toMatchObject([{ name: 'billing', members: 0 }]);
    expect(snapshot.sections.map(({ broker: of }) => of)).not.toContain('b:0');
    const ages = readingAges(snapshot);
    expect([...(snapshot.groups[0]?.partitions ?? [])].map((lag) => ages.ofLag('billing', lag))).toEqual([0, age]);
    expect(snapshot.offsets.map((each) => ages.ofEnd(each))).toEqual([0, age]);
  }
  expect(client.asked().filter((line) => line.startsWith('b:0'))).toEqual([]);
  clock.advance(3500 + 3500 + 800);
  expect((await inspector.snapshot(io())).topics[0]?.partitions).toHaveLength(1);
});

test('queues of a dead master do not stay if its broker has another name now, or a slave has served them for minutes', async () => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0', 'b:1'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'b:0': broker({ ends: [4], commits: '{"orders@billing":{0:1}}' }),
    'b:1': broker({ ends: [4], commits: '{"orders@billing":{0:4}}' }),
  });
  await inspector.snapshot(io());
  client.processes['ns-1:9876'] = listing('a:0', 'b:1');
  for (const seconds of [15, 300]) {
    clock.advance(seconds);
    await inspector.snapshot(io());
  }
  client.processes['ns-1:9876'] = {
    106: '{"brokerAddrTable":{"z":{"brokerAddrs":{0:"a:0"},"brokerName":"z","cluster":"lab"}}}',
  };
  clock.advance(15);
  expect(lagsOf(await inspector.snapshot(io()))).toEqual(['billing orders z 0 2']);
});

test('queues of a renamed broker do not stay, even if both names were listed at once or it gets its first name again', async () => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
  });
  const group = (name: string) => `"${name}":{"brokerAddrs":{0:"a:0"},"brokerName":"${name}","cluster":"lab"}`;
  for (const names of [['a'], ['a', 'z'], ['z'], ['a', 'z'], ['a']]) {
    client.processes['ns-1:9876'] = { 106: `{"brokerAddrTable":{${names.map(group).join()}}}` };
    clock.advance(15);
    const lags = lagsOf(await inspector.snapshot(io()));
    if (names.length === 1) expect(lags).toEqual([`billing orders ${names[0]} 0 2`]);
  }
});

test('queues of a dead master stay if the container of a known broker gets its address', async () => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'b:0': broker({ ends: [4], commits: '{"orders@billing":{0:1}}' }),
  });
  await inspector.snapshot(io());
  client.processes['a:0'] = client.processes['b:0'] ?? 'hangs';
  client.processes['ns-1:9876'] = {
    106: '{"brokerAddrTable":{"b":{"brokerAddrs":{0:"a:0"},"brokerName":"b","cluster":"lab"}}}',
  };
  for (const seconds of [15, 300]) {
    clock.advance(seconds);
    expect(lagsOf(await inspector.snapshot(io())).toSorted()).toEqual(['billing orders a 0 2', 'billing orders b 0 3']);
  }
});

test('topics of dead masters do not differ from each other', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0', 'c:0'),
    'a:0': broker({ ends: [7] }),
    'b:0': broker({ ends: [4] }),
    'c:0': broker({ ends: [4, 4] }),
  });
  expect((await inspector.snapshot(io())).rocketmq?.disagreements).toMatchObject([{ of: 'topic-config' }]);
  client.processes['ns-1:9876'] = listing('a:0');
  const { rocketmq, topics } = await inspector.snapshot(io());
  expect([rocketmq?.disagreements, topics[0]?.partitions.length]).toEqual([[], 4]);
});

test('a broker that accepts but never responds gets one request, and its other parts are skipped', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'b:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'b:0': 'hangs',
  });
  const snapshot = await inspector.snapshot(io());
  expect(client.asked().filter((line) => line.startsWith('b:0'))).toEqual(['b:0 43']);
  expect(lagsOf(snapshot)).toEqual(['billing orders a 0 2']);
});

async function snapshotSeconds(inspector: ClusterInspector): Promise<number> {
  const began = performance.now();
  await inspector.snapshot(io());
  return (performance.now() - began) / 1000;
}

test('a hanging slave costs its deadline once and half a second afterwards, until it responds again', async () => {
  const processes: Record<string, Process> = {
    'ns-1:9876': listing('a:0', 'a:1'),
    'a:0': broker({ ends: [7] }),
    'a:1': 'hangs',
  };
  const { inspector } = inspect(processes);
  expect(await snapshotSeconds(inspector)).toBeGreaterThan(2.5);
  expect(await snapshotSeconds(inspector)).toBeLessThan(1.5);
  processes['a:1'] = broker({ ends: [7] });
  const { rocketmq } = await inspector.snapshot(io());
  expect(rocketmq?.brokers.find(({ id }) => id === 'a:1')?.runtime).toBeDefined();
});

test('a hanging name server costs its deadline once and half a second afterwards, until it responds again', async () => {
  const processes: Record<string, Process> = {
    'ns-1:9876': listing('a:0'),
    'ns-2:9876': 'hangs',
    'a:0': broker({ ends: [7] }),
  };
  const { inspector } = inspect(processes, { namesrv: ['ns-1:9876', 'ns-2:9876'] });
  expect(await snapshotSeconds(inspector)).toBeGreaterThan(1.5);
  expect(await snapshotSeconds(inspector)).toBeLessThan(1.2);
  processes['ns-2:9876'] = listing('a:0');
  const { rocketmq } = await inspector.snapshot(io());
  expect(rocketmq?.nameServers.map(({ reachable }) => reachable)).toEqual([true, true]);
});

test('a slave provides the queues while its master is gone, and they have no leader', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'a:1'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'a:1': broker({ ends: [6], commits: '{"orders@billing":{0:4}}' }),
  });
  expect((await inspector.snapshot(io())).topics[0]?.partitions).toMatchObject([
    { leader: 'a:0', replicas: ['a:0', 'a:1'], inSyncReplicas: ['a:0', 'a:1'] },
  ]);
  client.processes['ns-1:9876'] = listing('a:1');
  delete client.processes['a:0'];
  const snapshot = await inspector.snapshot(io());
  expect(snapshot.offsets).toMatchObject([{ topic: 'orders', end: 7n }]);
  expect(snapshot.topics[0]?.partitions[0]).not.toHaveProperty('leader');
  expect(snapshot.cluster.brokers).toEqual([{ id: 'a:1', address: 'a:1' }]);
});

test('ends and commits of a dead master do not fall back to those of its slave while they are kept', async () => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'a:1'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'a:1': broker({ ends: [6], commits: '{"orders@billing":{0:3}}' }),
  });
  await inspector.snapshot(io());
  client.processes['ns-1:9876'] = listing('a:1');
  delete client.processes['a:0'];
  client.asked();
  clock.advance(15);
  const snapshot = await inspector.snapshot(io());
  expect(client.asked().filter((line) => line.startsWith('a:0'))).toEqual([]);
  expect(lagsOf(snapshot)).toEqual(['billing orders a 0 2']);
  expect(snapshot.sections.filter(({ broker: of, kind }) => of === 'a:0' && kind === 'kept')).toMatchObject([
    { section: 'commits', ageSeconds: 15, reason: 'no name server lists a:0' },
    { section: 'offsets', ageSeconds: 15 },
  ]);
  const ofOneTopic = await inspector.snapshot(io(), { topics: ['orders'], groups: ['billing'] });
  expect(ofOneTopic.offsets).toMatchObject([{ end: 7n }]);

  const grown = { commitLogMaxOffset: '2000' };
  client.processes['a:1'] = broker({ ends: [9], commits: '{"orders@billing":{0:6}}', runtime: grown });
  clock.advance(15);
  expect(lagsOf(await inspector.snapshot(io()))).toEqual(['billing orders a 0 3']);

  client.processes['a:1'] = broker({ ends: [4], commits: '{"orders@billing":{0:4}}' });
  clock.advance(300);
  const later = await inspector.snapshot(io());
  expect(later.offsets).toMatchObject([{ end: 4n }]);
  expect(later.sections.map(({ broker: of }) => of)).not.toContain('a:0');
});

test('a newly elected master shows its own ends, even if the previous ones were truncated', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'a:1'),
    'a:0': broker({ ends: [7] }),
    'a:1': broker({ ends: [6] }),
  });
  await inspector.snapshot(io());
  client.processes['ns-1:9876'] = listing('a:1');
  expect((await inspector.snapshot(io())).offsets).toMatchObject([{ end: 7n }]);
  client.processes['ns-1:9876'] = listing('a:0');
  client.processes['a:0'] = broker({ ends: [6], runtime: { commitLogMaxOffset: '900' } });
  const snapshot = await inspector.snapshot(io());
  expect(snapshot.offsets).toMatchObject([{ end: 6n }]);
  expect(troubles(snapshot)).not.toContain('offsets a:0 kept');
});

test('it is unknown whether a slave with kept figures is in sync', async () => {
  const { client, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'a:1'),
    'a:0': broker({ ends: [7] }),
    'a:1': broker({ ends: [7] }),
  });
  await inspector.snapshot(io());
  delete client.processes['a:1'];
  expect((await inspector.snapshot(io())).topics[0]?.partitions).toMatchObject([
    { replicas: ['a:0', 'a:1'], inSyncReplicas: ['a:0'], unknownReplicas: ['a:1'] },
  ]);
  client.processes['a:1'] = broker({ ends: [7] });
  expect((await inspector.snapshot(io())).topics[0]?.partitions[0]).not.toHaveProperty('unknownReplicas');
});

const lastAnswers: Readonly<Record<number, string>> = {
  43: '{"offsetTable":{"orders@billing":{0:5}}}',
  28: '{"table":{"commitLogMinOffset":"0","commitLogMaxOffset":"2000","dispatchBehindBytes":"0"}}',
};

test.each([
  ['commits', 43, 61],
  ['figures', 28, 61],
  // Topics and groups are read once a minute: the first request without a response is one for offsets.
  ['figures, before its offsets', 28, 15],
])('a slave replaces a master that hangs after its %s, within half of a scrape', async (_, code, age) => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0', 'a:1'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
    'a:1': broker({ ends: [9], commits: '{"orders@billing":{0:6}}' }),
  });
  expect(lagsOf(await inspector.snapshot(io()))).toEqual(['billing orders a 0 2']);
  client.processes['a:0'] = hangingAfter(client.processes, 'a:0', code);
  clock.advance(age);
  const began = performance.now();
  expect(lagsOf(await inspector.snapshot(io()))).toEqual(['billing orders a 0 3']);
  expect(performance.now() - began).toBeLessThan(5000);
});

/** Responds as before until it has answered `code`, and never afterwards. */
function hangingAfter(processes: Record<string, Process>, address: string, code: number): Process {
  const healthy = processes[address];
  if (healthy === undefined || healthy === 'hangs') throw new Error(`${address} does not answer`);
  return {
    ...healthy,
    [code]: () => {
      processes[address] = 'hangs';
      return answerOf(lastAnswers[code] ?? '');
    },
  };
}

test('a slave that runs the services of its master is the acting master, and leads no queue', async () => {
  const { inspector } = inspect({
    'ns-1:9876': listing('a:1'),
    'a:1': broker({ ends: [6], runtime: { brokerActive: 'true' } }),
  });
  const snapshot = await inspector.snapshot(io());
  expect(snapshot.rocketmq?.brokers).toMatchObject([{ id: 'a:1', role: 'acting-master' }]);
  expect(snapshot.topics[0]?.partitions).toHaveLength(1);
  expect(snapshot.topics[0]?.partitions[0]).not.toHaveProperty('leader');
});

test('an idle cluster gets requests only for commits, figures and the list of brokers', async () => {
  const { clock, inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({ ends: [7], commits: '{"orders@billing":{0:5}}' }),
  });
  await inspector.snapshot(io());
  clock.advance(10);
  // The last messages may not be in their queues yet.
  expect((await inspector.snapshot(io())).requests).toMatchObject({ GET_MAX_OFFSET: 1 });
  clock.advance(10);
  expect((await inspector.snapshot(io())).requests).toEqual({
    GET_BROKER_CLUSTER_INFO: 1,
    GET_ALL_CONSUMER_OFFSET: 1,
    GET_BROKER_RUNTIME_INFO: 1,
  });
});

test('an overloaded broker is spared optional requests, but its offsets are always read', async () => {
  const { client, clock, inspector } = inspect({
    'ns-1:9876': listing('a:0'),
    'a:0': broker({
      ends: [7],
      commits: '{"orders@billing":{0:5}}',
      runtime: { sendThreadPoolQueueHeadWaitTimeMills: '900', sendThreadPoolQueueSize: '40' },
    }),
  });
  const snapshot = await inspector.snapshot(io());
  expect(troubles(snapshot)).toEqual([
    'config a:0 skipped',
    'clients a:0 skipped',
    'traffic a:0 skipped',
    'consumption a:0 skipped',
    'subscriptions a:0 skipped',
  ]);
  expect(lagsOf(snapshot)).toEqual(['billing orders a 0 2']);
  expect(client.asked().some((line) => / (26|203|315)$/.test(line))).toBe(false);

  client.processes['a:0'] = broker({
    ends: [7],
    runtime: { sendThreadPoolQueueHeadWaitTimeMills: '0', sendThreadPoolQueueSize: '0' },
  });
  clock.advance(15);
  expect(troubles(await inspector.snapshot(io()))).not.toContain('clients a:0 skipped');

  inspector.observe?.('a:0', { iowaitRatio: 0.5 });
  clock.advance(15);
  expect(troubles(await inspector.snapshot(io()))).toContain('clients a:0 skipped');
});
