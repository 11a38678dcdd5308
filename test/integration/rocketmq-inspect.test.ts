import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ClusterInspector } from '../../brokers/driver.ts';
import { rocketmqDriver } from '../../brokers/rocketmq/driver.ts';
import { encodeDeleteRoute } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import {
  encodeGetAllConsumerOffset,
  parseGetAllConsumerOffset,
} from '../../brokers/rocketmq/protocol/offset-requests.ts';
import { createRemotingClient } from '../../brokers/rocketmq/protocol/remoting-client.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { systemClock } from '../../core/clock.ts';
import { waitUntilRegistered } from '../../lab/rocketmq/rocketmq-lab.ts';
import { fillTopic } from '../../lab/seed/fill-topic.ts';
import { commitsOf, seedGroups, seedTopics } from '../../lab/seed/plan.ts';
import { openRocketmq } from '../../lab/seed/rocketmq-cluster.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq, type RocketmqRequest, type RunningRocketmq } from '../support/rocketmq.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });
const timeout = 300_000;

const labs: readonly RocketmqRequest[] = [
  { version: '5.3.3', mode: 'controller' },
  // Two name servers show that one lost a topic.
  { version: '4.9.7', mode: 'dledger', nameServers: 2 },
  ...(fullMatrix
    ? ([
        { version: '5.3.3', mode: 'single', nameServers: 2 },
        { version: '5.3.3', mode: 'master-slave', nameServers: 2 },
        { version: '4.9.7', mode: 'single' },
        { version: '5.5.0', mode: 'two-masters' },
        { version: '4.9.7', mode: 'master-slave-sync', acl: true },
        { version: '5.5.0', mode: 'dledger' },
        { version: '5.5.0', mode: 'controller' },
        { version: '5.3.3', mode: 'acting-master' },
        { version: '5.5.0', mode: 'proxy' },
      ] as const)
    : []),
];

/** Rows of an mqadmin table: lines that start with this text. */
const rowsOf = (text: string, first: string) =>
  text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([word]) => word === first);

for (const request of labs) {
  requires('java', 'maven').describe(`an idle cluster of ${request.version} in mode ${request.mode}`, () => {
    let rocketmq: RunningRocketmq;
    let inspector: ClusterInspector;
    let snapshot: ClusterSnapshot;
    const startedAtMs = Date.now();

    beforeAll(async () => {
      rocketmq = await startRocketmq(request);
      await seed(rocketmq);
      inspector = await rocketmqDriver.inspect('lab', rocketmq.config, io());
      snapshot = await settled(inspector);
    }, timeout);
    afterAll(async () => {
      await inspector?.[Symbol.asyncDispose]();
      await rocketmq?.[Symbol.asyncDispose]();
    });

    test('every section is fresh', () => expect(snapshot.sections.filter(({ kind }) => kind !== 'fresh')).toEqual([]));

    // mqadmin starts slowly, so its calls run concurrently, and the quick run uses only one lab.
    const isAsked = fullMatrix || request.mode === 'controller';
    if (isAsked)
      test.concurrent(
        'queue offsets equal those of topicStatus',
        async () => {
          const told = await tell(rocketmq, ['topicStatus', '-t', 'seed-orders'], 'broker-a');
          const names = new Set(snapshot.offsets.map(({ brokerName = '' }) => brokerName));
          const rows = [...names].flatMap((name) => rowsOf(told, name)).map((row) => row.slice(0, 4).join(' '));
          expect(rows.length).toBeGreaterThan(0);
          expect(queuesIn(snapshot)).toEqual(rows.toSorted());
        },
        timeout,
      );

    if (isAsked)
      test.concurrent(
        'group offsets equal those of consumerProgress, which shows 0 for a queue without a commit',
        async () => {
          const text = await tell(rocketmq, ['consumerProgress', '-g', 'seed-audit'], 'seed-orders');
          const rows = rowsOf(text, 'seed-orders').map((row) => row.slice(0, 6));
          // It omits brokers without a commit of the group, although their messages wait for it.
          const told = new Set(rows.map(([, brokerName]) => `seed-orders ${brokerName}`));
          const read = lagsIn(snapshot, 'seed-audit').filter((row) => told.has(row.split(' ').slice(0, 2).join(' ')));
          expect(rows.length).toBeGreaterThan(0);
          expect(read).toEqual(rows.map((row) => row.join(' ')).toSorted());
          const audit = snapshot.groups.find(({ name }) => name === 'seed-audit');
          expect(Array.from(audit?.partitions ?? [], ({ committed }) => committed)).toContain(undefined);
        },
        timeout,
      );

    // For one broker it shows the same as brokerStatus; mqadmin takes seconds to start.
    if (fullMatrix) {
      test.concurrent(
        'brokers equal those of clusterList, with ids, addresses and versions',
        async () => {
          const rows = rowsOf(await tell(rocketmq, ['clusterList'], 'broker-a'), 'lab');
          const read = snapshot.rocketmq?.brokers.map(({ brokerName, brokerId, address, runtime }) =>
            [brokerName, brokerId, address, runtime?.get('brokerVersionDesc')].join(' '),
          );
          expect(read?.toSorted()).toEqual(rows.map((row) => row.slice(1, 5).join(' ')).toSorted());
          expect(snapshot.rocketmq?.brokers.filter(({ role }) => role === 'master').length).toBeGreaterThan(0);
        },
        timeout,
      );
    }

    if (isAsked)
      test.concurrent(
        'runtime figures equal those of brokerStatus',
        async () => {
          const [master] = snapshot.rocketmq?.brokers.filter(({ role }) => role === 'master') ?? [];
          const told = await tell(rocketmq, ['brokerStatus', '-b', master?.address ?? ''], 'bootTimestamp');
          const table = new Map(
            Array.from(told.matchAll(/^(\S+)\s*: (.*)$/gm), ([, key = '', value = '']) => [key, value]),
          );
          // The other values contain time, or internal requests of 5.x brokers.
          const still =
            /Total$|Total(TodayNow|TodayMorning)$|Offset|Capacity$|boot|Version|dispatchBehind|putMessageEntireTimeMax|Average/;
          const keys = [...table.keys()].filter((key) => still.test(key) && key !== 'commitLogDirCapacity');
          expect(keys).toEqual(expect.arrayContaining(['putMessageSizeTotal', 'commitLogMaxOffset', 'bootTimestamp']));
          for (const key of keys) expect([key, master?.runtime?.get(key)]).toEqual([key, table.get(key)?.trim()]);
        },
        timeout,
      );

    if (!['single', 'two-masters', 'proxy'].includes(request.mode ?? 'single')) {
      test('a slave counts replicated messages like its master', () => {
        const countOf = (role: string) =>
          (snapshot.rocketmq?.brokers ?? []).flatMap(({ role: own, runtime }) =>
            own === role ? [Number(runtime?.get('putMessageTimesTotal'))] : [],
          );
        const [[master = 0], slaves] = [countOf('master'), countOf('slave')];
        expect(slaves.length).toBeGreaterThan(0);
        expect(master).toBeGreaterThan(0);
        for (const slave of slaves) expect(slave / master).toBeCloseTo(1, 1);
      });
    }

    if (request.mode === 'acting-master' || (request.version !== '4.9.7' && request.mode === 'master-slave')) {
      test.concurrent(
        'the lag of the slave equals that of haStatus',
        async () => {
          const { address = '' } = snapshot.rocketmq?.brokers[0] ?? {};
          const told = await tell(rocketmq, ['haStatus', '-b', address], 'MasterCommitLogMaxOffset');
          const [, end] = /#MasterCommitLogMaxOffset\s+(\d+)/.exec(told) ?? [];
          const [slave] = snapshot.rocketmq?.brokers[0]?.ha?.slaves ?? [];
          const rows = rowsOf(told, slave?.address ?? 'no slave').map((row) => row.slice(0, 3).join(' '));
          expect(rows).toEqual([[slave?.address, slave?.ackOffset, slave?.behindBytes].join(' ')]);
          expect(end).toBe(String(snapshot.rocketmq?.brokers[0]?.ha?.masterCommitLogMaxOffset));
        },
        timeout,
      );
    }

    if (request.nameServers === 2) {
      test(
        'a topic missing on one name server is a disagreement',
        async () => {
          const [first = '', second = ''] = rocketmq.namesrv;
          await using client = createRemotingClient({ name: 'lab', config: rocketmq.config });
          const forget = encodeDeleteRoute({ topic: 'seed-idle' });
          forget.parse(await client.ask(first, forget, io()));
          await using fresh = await rocketmqDriver.inspect('lab', rocketmq.config, io());
          const { rocketmq: details } = await fresh.snapshot(io());
          expect(details?.disagreements.filter(({ of }) => of !== 'broker-config')).toEqual([
            {
              of: 'name-server-route',
              subject: 'seed-idle',
              sides: { [first]: 'not listed', [second]: 'broker-a read 2 write 2 rw' },
            },
          ]);
        },
        timeout,
      );
    }

    test('a snapshot of an idle cluster costs a few requests per broker, and none per queue', async () => {
      // Brokers register internal topics for a while after they start.
      await inspector.snapshot(io());
      const { requests = {} } = await inspector.snapshot(io());
      const { length } = snapshot.cluster.brokers;
      expect(Object.keys(requests)).not.toContain('GET_MAX_OFFSET');
      expect(Object.keys(requests)).not.toContain('GET_TOPIC_STATS_INFO');
      expect(Object.values(requests).reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(4 * length + 2);
    });

    test('reading creates no topics and no groups', async () => {
      const namesOf = ({ topics, groups }: ClusterSnapshot) =>
        [...topics, ...groups].map(({ name }) => name).toSorted();
      await using fresh = await rocketmqDriver.inspect('lab', rocketmq.config, io());
      expect(namesOf(await fresh.snapshot(io()))).toEqual(namesOf(snapshot));
    });

    if (request.mode === 'controller') {
      test(
        'in-sync replicas equal those of getSyncStateSet, which names them by address',
        async () => {
          const [controller = ''] = rocketmq.config.controllers ?? [];
          await using fresh = await rocketmqDriver.inspect('lab', rocketmq.config, io());
          const told = await tell(rocketmq, ['getSyncStateSet', '-a', controller, '-b', 'broker-a'], 'InSyncReplica');
          const { rocketmq: details, topics, cluster } = await fresh.snapshot(io());
          const [set] = details?.syncStateSets ?? [];
          const inSync = Array.from(
            told.matchAll(/^InSyncReplica:.*brokerAddress='([^']+)'/gm),
            ([, address]) => address,
          );
          expect(inSync.length).toBeGreaterThan(0);
          expect(new Set(set?.inSync)).toEqual(new Set(inSync));
          const orders = topics.find(({ name }) => name === 'seed-orders');
          expect(orders?.partitions[0]?.inSyncReplicas).toHaveLength(inSync.length);
          const epochs = Array.from(
            (await tell(rocketmq, ['getBrokerEpoch', '-b', 'broker-a'], 'epoch=')).matchAll(/epoch=(\d+)/g),
            ([, epoch]) => Number(epoch),
          );
          expect(set?.masterEpoch).toBe(Math.max(...epochs));
          const leads = await tell(rocketmq, ['getControllerMetaData', '-a', controller], 'ControllerLeaderAddress');
          expect(leads).toMatch(new RegExp(`#ControllerLeaderAddress\\s+${cluster.controllerId}\\s`));
        },
        timeout,
      );
    }

    test('a group that moves shows the store time of its last consumed messages', async () => {
      const [group, topic] = [seedGroups[1], seedTopics[1]];
      if (group === undefined || topic === undefined) throw new Error('the lab is not filled');
      await using cluster = await openRocketmq('lab', rocketmq.config, io());
      const partitions = [...commitsOf(group, topic).keys()];
      await using fresh = await rocketmqDriver.inspect('lab', rocketmq.config, io());
      const readAt = async (commit: bigint) => {
        await cluster.commit(group.name, topic.name, new Map(partitions.map((each) => [each, commit])), io());
        const { groups } = await fresh.snapshot(io());
        const lags = [...(groups.find(({ name }) => name === group.name)?.partitions ?? [])];
        return lags.filter((lag) => lag.topic === topic.name).map(({ consumedStoredAtMs }) => consumedStoredAtMs);
      };
      expect(new Set(await readAt(90n))).toEqual(new Set([undefined]));
      for (const storedAtMs of await readAt(95n)) {
        expect(storedAtMs).toBeGreaterThan(startedAtMs);
        expect(storedAtMs).toBeLessThanOrEqual(Date.now());
      }
    });

    if (request.mode === 'dledger') {
      test(
        'after the leader is killed, role and lag of each member are right within two scrapes',
        async () => {
          const leader = snapshot.rocketmq?.brokers.find(({ role }) => role === 'master');
          const killed = rocketmq.brokers.find(({ address }) => address === leader?.address);
          if (killed === undefined) throw new Error('nobody leads');
          process.kill(killed.pid, 'SIGKILL');
          const left = rocketmq.brokers.map(({ address }) => address).filter((address) => address !== killed.address);
          const registered = await waitUntilRegistered(
            { nameServers: rocketmq.namesrv, brokers: left },
            { clock: systemClock, signal: AbortSignal.timeout(120_000) },
          );
          await inspector.snapshot(io());
          const { rocketmq: details, offsets } = await inspector.snapshot(io());
          const members = details?.brokers.filter(({ address }) => left.includes(address)) ?? [];
          expect(members.map(({ id, address }) => `${id} ${address}`).toSorted()).toEqual(
            Array.from(registered, ([address, id]) => `${id} ${address}`).toSorted(),
          );
          expect(members.map(({ role }) => role).toSorted()).toEqual(['master', 'slave']);
          const ends = new Set(members.map(({ runtime }) => runtime?.get('commitLogMaxOffset')));
          expect(ends.size).toBe(1);
          expect(endsOf(offsets)).toEqual(endsOf(snapshot.offsets));
        },
        timeout,
      );
    }

    if (request.mode === 'acting-master') {
      test(
        'while the slave acts for a killed master, queues and groups equal those of mqadmin',
        async () => {
          const [killed, slave] = ['broker-a:0', 'broker-a:1'].map((id) =>
            rocketmq.brokers.find((each) => each.id === id),
          );
          if (killed === undefined || slave === undefined) throw new Error('the lab has no two copies');
          await expect
            .poll(() => hasFetchedCommits(rocketmq, slave.address), { timeout: 120_000, interval: 2000 })
            .toBe(true);
          process.kill(killed.pid, 'SIGKILL');
          const roles = async () => {
            const { rocketmq: details } = await inspector.snapshot(io());
            return details?.brokers.map(({ id, role }) => `${id} ${role}`);
          };
          await expect.poll(roles, { timeout: 120_000, interval: 2000 }).toEqual(['broker-a:1 acting-master']);
          await using fresh = await rocketmqDriver.inspect('lab', rocketmq.config, io());
          const acting = await fresh.snapshot(io());
          const queues = rowsOf(await tell(rocketmq, ['topicStatus', '-t', 'seed-orders'], 'broker-a'), 'broker-a');
          expect(queuesIn(acting)).toEqual(queues.map((row) => row.slice(0, 4).join(' ')).toSorted());
          expect(queuesIn(acting)).toEqual(queuesIn(snapshot));
          const progress = await tell(rocketmq, ['consumerProgress', '-g', 'seed-audit'], 'seed-orders');
          expect(lagsIn(acting, 'seed-audit')).toEqual(
            rowsOf(progress, 'seed-orders')
              .map((row) => row.slice(0, 6).join(' '))
              .toSorted(),
          );
        },
        timeout,
      );
    }
  });
}

/** A slave fetches topics, and then commits, from its master on a timer. */
async function hasFetchedCommits({ config }: RunningRocketmq, slave: string): Promise<boolean> {
  await using client = createRemotingClient({ name: 'lab', config });
  const commits = parseGetAllConsumerOffset(await client.ask(slave, encodeGetAllConsumerOffset(), io()));
  return commits.some(({ group }) => group === 'seed-audit');
}

const queuesIn = ({ offsets }: ClusterSnapshot) =>
  offsets
    .filter(({ topic }) => topic === 'seed-orders')
    .map(({ brokerName, partition, start, end }) => [brokerName, partition, start, end].join(' '))
    .toSorted();

/** The output of consumerProgress for a queue without a commit. */
const lagsIn = ({ groups }: ClusterSnapshot, group: string) =>
  [...(groups.find(({ name }) => name === group)?.partitions ?? [])]
    .map(({ topic, brokerName, partition, committed = 0n, end }) =>
      [topic, brokerName, partition, end, committed, end - committed].join(' '),
    )
    .toSorted();

const endsOf = (offsets: ClusterSnapshot['offsets']) =>
  offsets
    .filter(({ topic }) => topic === 'seed-orders')
    .map(({ partition, end }) => `${partition} ${end}`)
    .toSorted();

/** On a busy machine mqadmin may time out before it gets a response. */
async function tell(rocketmq: RunningRocketmq, words: readonly string[], expected: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const told = await rocketmq.mqadmin(words);
    if (told.includes(expected) || tries === 3) return told;
  }
}

/** Sends without transactions: a broker checks open ones every 30 s, and writes when it does. */
async function seed({ config }: RunningRocketmq): Promise<void> {
  const seedIo = { ...io(), progress: () => undefined };
  await using cluster = await openRocketmq('lab', config, seedIo);
  for (const topic of seedTopics) await fillTopic(cluster, topic, seedIo);
  for (const group of seedGroups) {
    for (const topic of group.topics) await cluster.commit(group.name, topic.name, commitsOf(group, topic), seedIo);
  }
  // mqadmin finds a group by its retry topic, which its first member would have created.
  await cluster.ensureTopic('%RETRY%seed-audit', 1, seedIo);
}

/** A broker that has just started may be too busy for one section; a section still missing after these is for a test to report. */
const mostUnread = 10;

/** Replication and dispatch settle within seconds; by then all staggered reads have run. */
async function settled(inspector: ClusterInspector): Promise<ClusterSnapshot> {
  let before: string | undefined;
  for (let unread = 0; ;) {
    const snapshot = await inspector.snapshot(io());
    const ends = snapshot.rocketmq?.brokers.map(({ runtime }) => runtime?.get('commitLogMaxOffset')).join(' ');
    if (ends === before && isReplicated(snapshot)) {
      const isFresh = snapshot.sections.every(({ kind }) => kind === 'fresh');
      if (isFresh || unread === mostUnread) return snapshot;
      unread += 1;
    }
    before = ends;
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

/** Slaves have all messages of their master, and are connected if masters report it; 4.x connects them only after half a minute. */
function isReplicated({ rocketmq }: ClusterSnapshot): boolean {
  const brokers = rocketmq?.brokers ?? [];
  return brokers.every(({ brokerName, ha }) => {
    const group = brokers.filter((each) => each.brokerName === brokerName);
    const ends = new Set(group.map(({ runtime }) => runtime?.get('commitLogMaxOffset')));
    const isConnected =
      ha === undefined ||
      (ha.slaves.length === group.length - 1 && ha.slaves.every(({ behindBytes }) => behindBytes === 0n));
    return ends.size === 1 && isConnected;
  });
}
