// Reads and moves a RocketMQ group's offsets on the masters of its queues, for running and stopped groups.

import { type Clock, seconds, systemClock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import type { GroupOffsets, GroupPresence, Moment, OffsetTarget } from '../../group-offsets.ts';
import type { GroupMember } from '../../lookup.ts';
import { ask } from '../ask.ts';
import { readMergedRoute } from '../name-servers.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import { pipelined } from '../../pipelined.ts';
import { brokerGroups, mastersOf, connectNameServers, type Member } from '../masters.ts';
import {
  encodeGetAllConsumerOffset,
  encodeUpdateConsumerOffset,
  encodeGetMaxOffset,
  encodeGetMinOffset,
  encodeSearchOffset,
  encodeResetOffset,
} from '../protocol/offset-requests.ts';
import { encodeGetAllSubscriptionGroup } from '../protocol/group-requests.ts';
import { encodeGetBrokerConfig } from '../protocol/broker-requests.ts';
import { encodeGetConsumerConnections } from '../protocol/client-requests.ts';
import { isLiteParent, isLiteTopic, parentOfLite } from '../protocol/lite-requests.ts';
import { readPages } from '../protocol/read-pages.ts';
import type { TypedRequest } from '../protocol/frame.ts';
import { staticTopic } from '../static-topic.ts';

/** Concurrent requests to a broker, as in the inspector: its pool has 16 threads and a queue of 10,000. */
const atOnce = 64;
/** Clients pause for 10 s when a broker before 5.2 notifies them (MQClientInstance.resetOffset), and commit every 5 s. */
const clientsSettleSeconds = 20;
/** Time in which a commit must appear if the group runs: clients commit every 5 s. */
const watch = seconds(6);
/** How long a group found at rest is not watched again, because each topic of a move checks its presence. */
const restSeconds = 60;

/** How a broker moves a group. Before 5.2 it notifies the clients of a running one, by time and for whole topics. */
type Way = { kind: 'reset-queues'; isOffline: boolean } | { kind: 'commit' } | { kind: 'notify'; atMs: number };

export async function openRocketmqGroupOffsets(
  name: string,
  config: RocketmqClusterConfig,
  opening: Io,
  clock: Clock = systemClock,
): Promise<GroupOffsets> {
  const nameServers = await connectNameServers(name, config, opening);
  const { client } = nameServers;

  const of = <Answer>(address: string, action: string, request: TypedRequest<Answer>, { signal }: Io) =>
    ask(client, { action, address }, request, { signal });

  const masters = (io: Io) => mastersOf(nameServers, io);

  /** @returns a function from broker name to the master's address; undefined if there is no master now */
  async function addresses(io: Io): Promise<(brokerName: string | undefined) => string | undefined> {
    const listed = new Map((await masters(io)).map(({ brokerName, address }) => [brokerName, address]));
    return (brokerName) => listed.get(brokerName ?? '');
  }

  async function commitsOn(address: string, group: string, io: Io) {
    const request = encodeGetAllConsumerOffset();
    const commits = await of(address, 'read the commits', request, io);
    return commits.filter((each) => each.group === group);
  }

  const commitsIn = async (address: string, { group, topic }: { group: string; topic: string }, io: Io) =>
    (await commitsOn(address, group, io)).find((each) => each.topic === topic)?.byQueue ?? new Map<number, bigint>();

  /** @returns whether the broker resets queues by itself, and so knows the fields of a queue */
  async function resetsItself(address: string, io: Io): Promise<boolean> {
    const settings = await of(address, 'read the settings', encodeGetBrokerConfig(), io);
    return settings.get('useServerSideResetOffset') === 'true';
  }

  const connectionsOn = (address: string, group: string, io: Io) =>
    of(address, `list the clients of ${group}`, encodeGetConsumerConnections(group), io);

  /** Whether any master has a config of the group. */
  async function isConfigured(listed: readonly Member[], group: string, io: Io): Promise<boolean> {
    const configs = await Promise.all(
      listed.map(({ address }) =>
        readPages((page) => of(address, 'read the groups', encodeGetAllSubscriptionGroup(page), io)),
      ),
    );
    return configs.flat().some(({ name }) => name === group);
  }

  async function commitTexts(listed: readonly Member[], group: string, io: Io): Promise<string> {
    const texts = await Promise.all(
      listed.map(async ({ address }) =>
        (await commitsOn(address, group, io)).flatMap(({ topic, byQueue }) =>
          Array.from(byQueue, ([queueId, offset]) => `${address} ${topic} ${queueId} ${offset}`),
        ),
      ),
    );
    return texts.flat().toSorted().join('\n');
  }

  /** Monotonic seconds when the commits of a group were last found not to move, by group. */
  const restedAt = new Map<string, number>();

  /** Proxies in cluster mode do not register members at brokers, so only moving commits show them. */
  async function consumesUnseen(listed: readonly Member[], group: string, io: Io): Promise<boolean> {
    const rested = restedAt.get(group);
    if (rested !== undefined && clock.monotonic() - rested < restSeconds) return false;
    const before = await commitTexts(listed, group, io);
    if (before === '') return false;
    await clock.sleep(watch, io);
    if ((await commitTexts(listed, group, io)) !== before) return true;
    restedAt.set(group, clock.monotonic());
    return false;
  }

  async function presence(group: string, io: Io): Promise<GroupPresence> {
    const members = new Map<string, GroupMember>();
    let isKnown = false;
    let moves: 'by-time' | 'by-offset' = 'by-offset';
    const listed = await masters(io);
    for (const { address } of listed) {
      const connections = await connectionsOn(address, group, io);
      if (connections.kind === 'online') {
        if (connections.messageModel === 'broadcasting') {
          throw new AppError(
            'unsupported-broker',
            `${group} is a broadcasting group: each of its clients stores its own offsets`,
          );
        }
        for (const each of connections.clients) members.set(each.clientId, { id: each.clientId, ...each });
      }
      if (!(await resetsItself(address, io))) moves = 'by-time';
      isKnown ||= connections.kind === 'online' || (await commitsOn(address, group, io)).length > 0;
    }
    if (members.size > 0) return { kind: 'running', members: [...members.values()], moves };
    if (isKnown && (await consumesUnseen(listed, group, io))) {
      const reason = 'its commits move although no member is connected to the brokers, as with a proxy';
      return { kind: 'unknown', reason };
    }
    if (isKnown) return { kind: 'stopped' };
    // All commits of the group may be on a broker that has no master now.
    const without = (await brokerGroups(nameServers, io)).difference(
      new Set(listed.map(({ brokerName }) => brokerName)),
    );
    if (without.size === 0) {
      return { kind: 'absent', ...((await isConfigured(listed, group, io)) && { isConfigured: true }) };
    }
    return { kind: 'unknown', reason: [...without].map((brokerName) => `${brokerName} has no master now`).join(', ') };
  }

  async function positionsOn({ brokerName, address }: Member, queues: number, group: string, topic: string, io: Io) {
    const own = await commitsIn(address, { group, topic }, io);
    return pipelined(
      Array.from({ length: queues }, (_, queueId) => queueId),
      atOnce,
      async (queueId) => {
        const queue = { topic, queueId };
        const [start, end] = await Promise.all([
          of(address, 'read the start of a queue', encodeGetMinOffset(queue), io),
          of(address, 'read the end of a queue', encodeGetMaxOffset(queue), io),
        ]);
        const committed = own.get(queueId);
        return {
          topic,
          partition: queueId,
          brokerName,
          ...(start >= 0n && { start }),
          ...(end >= 0n && { end }),
          ...(committed !== undefined && { committed }),
        };
      },
    );
  }

  /** @throws AppError change-refused if a broker cannot move a running group to single offsets */
  async function wayOn(address: string, group: string, moment: Moment | undefined, io: Io): Promise<Way> {
    const isOffline = (await connectionsOn(address, group, io)).kind === 'offline';
    if (await resetsItself(address, io)) return { kind: 'reset-queues', isOffline };
    if (isOffline) return { kind: 'commit' };
    if (moment === undefined) throw runningOnly(group);
    return { kind: 'notify', atMs: moment.kind === 'time' ? moment.atMs : moment.kind === 'start' ? 0 : -1 };
  }

  async function moveOn(
    address: string,
    { group, topic }: { group: string; topic: string },
    targets: readonly OffsetTarget[],
    way: Way,
    io: Io,
  ): Promise<void> {
    const action = `move group ${group}`;
    const commit = ({ partition, offset }: OffsetTarget) => {
      const request = encodeUpdateConsumerOffset({ consumerGroup: group, topic, queueId: partition, offset });
      return of(address, action, request, io);
    };
    if (way.kind === 'notify') {
      await of(address, action, encodeResetOffset({ group, topic, to: { atMs: way.atMs } }), io);
      return;
    }
    if (way.kind === 'commit') {
      for (const target of targets) await commit(target);
      return;
    }
    // From 5.2 to 5.3.1 (apache/rocketmq#9150), a reset writes no commit if the group has none in the topic, and the
    // broker ignores later commits.
    const committed = way.isOffline ? await commitsIn(address, { group, topic }, io) : undefined;
    for (const target of targets) {
      if (committed?.has(target.partition) === false) await commit(target);
      const request = encodeResetOffset({ group, topic, to: { queueId: target.partition, offset: target.offset } });
      await of(address, action, request, io);
    }
  }

  return {
    presence,

    async positions(group, topic, io) {
      // A broker of 5.5.0 answers a commit or reset with code 17, the topic does not exist.
      if (isLiteParent(topic)) throw new AppError('unsupported-broker', `${topic} accept commits only of members`);
      const route = await readMergedRoute(nameServers, topic, io);
      if (route === undefined) return undefined;
      if (route.isStatic === true) throw staticTopic(topic);
      const listed = await masters(io);
      const positions = await Promise.all(
        route.queues.map(async ({ brokerName, readQueues: count }) => {
          const master = listed.find((each) => each.brokerName === brokerName);
          // Offsets of a broker without a master are unknown.
          if (master === undefined) {
            return Array.from({ length: count }, (_, partition) => ({ topic, partition, brokerName }));
          }
          return positionsOn(master, count, group, topic, io);
        }),
      );
      return positions
        .flat()
        .toSorted((a, b) =>
          a.brokerName < b.brokerName ? -1 : a.brokerName > b.brokerName ? 1 : a.partition - b.partition,
        );
    },

    async deleted(missing, io) {
      const addressOf = await addresses(io);
      return missing.filter(({ brokerName }) => addressOf(brokerName) !== undefined);
    },

    async topics(group, io) {
      // Each broker group needs a master, because topics of the others would be missing.
      const listed = await mastersOf(nameServers, io, await brokerGroups(nameServers, io));
      const found = await Promise.all(listed.map(({ address }) => commitsOn(address, group, io)));
      const nameOf = ({ topic }: { topic: string }) => (isLiteTopic(topic) ? parentOfLite(topic) : topic);
      const topics = [...new Set(found.flat().map(nameOf))].toSorted();
      // Brokers of 4.x keep commits in topics that were deleted.
      const exist = await pipelined(
        topics,
        atOnce,
        async (topic) => isLiteParent(topic) || (await readMergedRoute(nameServers, topic, io)) !== undefined,
      );
      return topics.filter((_, index) => exist[index]);
    },

    async offsetsAt(places, atMs, io) {
      const addressOf = await addresses(io);
      const answers = await pipelined(places, atOnce, async (place) => {
        const address = addressOf(place.brokerName);
        if (address === undefined) return [];
        const request = encodeSearchOffset({ topic: place.topic, queueId: place.partition, atMs });
        const offset = await of(address, 'read an offset by time', request, io);
        return [{ ...place, ...(offset !== undefined && { offset }) }];
      });
      return answers.flat();
    },

    async move(group, topic, targets, moment, io) {
      const addressOf = await addresses(io);
      // Checks all brokers first, so that a refusal comes before any broker has moved the group.
      const parts: { address: string; own: readonly OffsetTarget[]; way: Way }[] = [];
      for (const [brokerName, own] of Map.groupBy(targets, (each) => each.brokerName)) {
        const address = addressOf(brokerName);
        if (address === undefined) {
          const owner = brokerName ?? 'a broker without a name';
          throw new AppError('not-found', `cluster ${name} has no master of ${owner} now`);
        }
        parts.push({ address, own, way: await wayOn(address, group, moment, io) });
      }
      for (const { address, own, way } of parts) await moveOn(address, { group, topic }, own, way, io);
      return { settlesSeconds: parts.some(({ way }) => way.kind === 'notify') ? clientsSettleSeconds : 0 };
    },

    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function runningOnly(group: string): AppError {
  return new AppError(
    'change-refused',
    `group ${group} was started meanwhile, and brokers before 5.2 reset a running group only by time and for whole topics`,
    { hint: 'stop its members, and run the command again' },
  );
}
