// Creates and deletes topics and groups on every master, and waits until every name server shows the change.

import { seconds, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { ClusterAdmin, Io } from '../driver.ts';
import { ask } from './ask.ts';
import { askNameServers, readMergedRoute } from './name-servers.ts';
import { encodeGetAllTopicsOfNameServer } from './protocol/name-server-requests.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { encodeDeleteSubscriptionGroup } from './protocol/group-requests.ts';
import { encodeDeleteRoute, encodeDeleteTopic, encodeHasTopic, encodeUpdateTopic } from './protocol/topic-requests.ts';
import type { TypedRequest } from './protocol/frame.ts';
import { mastersOf, connectNameServers, slavesOf, type Member } from './masters.ts';
import { popRetryNames } from './pop-retry-topics.ts';
import { queuesOf, type TopicQueue } from './topic-queues.ts';

const pause = seconds(0.05);
/** A broker registers a change within 10 s at most (registerBrokerAll after a restart). */
const patience = seconds(30);

/** @throws AppError broker-unreachable when no name server answers */
export async function createRocketmqAdmin(name: string, config: RocketmqClusterConfig, io: Io): Promise<ClusterAdmin> {
  const nameServers = await connectNameServers(name, config, io);
  const { client, namesrv } = nameServers;

  /** Names of the broker groups that have queues of the topic. */
  async function holdersOf(topic: string, io: Io): Promise<ReadonlySet<string>> {
    const route = await readMergedRoute(nameServers, topic, io);
    return new Set((route === undefined ? [] : queuesOf(topic, route)).map(({ brokerName }) => brokerName));
  }

  /** Sends to one broker after the other, so that a refusal names its broker and no request is still running. */
  async function onEach(
    addresses: readonly string[],
    action: string,
    request: TypedRequest<void>,
    io: Io,
  ): Promise<void> {
    for (const address of addresses) await ask(client, { action, address }, request, io);
  }

  /**
   * @param isSettled judges the queues that one name server lists; undefined if it has no such topic
   * @param again sent to a name server as long as it is not settled
   */
  async function everyNameServer(
    what: string,
    topic: string,
    io: Io,
    isSettled: (queues: readonly TopicQueue[] | undefined) => boolean,
    again?: TypedRequest<void>,
  ): Promise<void> {
    const deadline = systemClock.monotonic() + patience;
    for (const address of namesrv) {
      for (;;) {
        const route = await readMergedRoute({ ...nameServers, namesrv: [address] }, topic, io);
        if (isSettled(route === undefined ? undefined : queuesOf(topic, route))) break;
        if (systemClock.monotonic() > deadline) {
          throw new AppError(
            'broker-refused',
            `cannot ${what} on name server ${address}: still not after ${patience} s`,
          );
        }
        await systemClock.sleep(pause, io);
        if (again !== undefined) await onEach([address], what, again, io);
      }
    }
  }

  async function deleteTopic(name: string, io: Io): Promise<void> {
    const action = `delete topic ${name}`;
    // Each broker group with the topic needs a master: a slave that kept the topic would restore it.
    const brokers = (await mastersOf(nameServers, io, await holdersOf(name, io))).map(({ address }) => address);
    await onEach(brokers, action, encodeDeleteTopic({ topic: name }), io);
    const deletion = encodeDeleteRoute({ topic: name });
    await onEach(namesrv, action, deletion, io);
    // A registration that a broker sent before restores the route, and later registrations do not remove it.
    await everyNameServer(`see topic ${name} gone`, name, io, (queues) => queues === undefined, deletion);
  }

  /** Lists the POP retry topics that exist: brokers create one with the first redelivered message. */
  async function popRetryTopics(group: string, consumed: readonly string[], io: Io): Promise<string[]> {
    if (consumed.length === 0) return [];
    const list = encodeGetAllTopicsOfNameServer();
    const known = await askNameServers(nameServers, 'list the topics', list, io);
    const names = new Set(consumed.flatMap((topic) => popRetryNames({ group, topic })));
    return known.filter((topic) => names.has(topic));
  }

  return {
    /**
     * Spreads the partitions as queues over the current masters; the first ones get one more if the count does not
     * divide evenly. replicationFactor has no effect: a topic has as many copies as its broker groups. `config` are
     * attributes of 5.x, such as `message.type`.
     */
    async createTopic({ name, partitions, config = {} }, io) {
      const existing = await readMergedRoute(nameServers, name, io);
      if (existing !== undefined) throw conflict(name, partitions, queuesOf(name, existing).length);
      for (const [{ address }, queues] of spread(partitions, await mastersOf(nameServers, io))) {
        const settings = { permission: 6, filterType: 'SINGLE_TAG', sysFlag: 0, order: false, attributes: config };
        const request = encodeUpdateTopic({ name, readQueues: queues, writeQueues: queues, ...settings }, undefined);
        await ask(client, { action: `create topic ${name}`, address }, request, io);
      }
      const isThere = (queues: readonly TopicQueue[] | undefined) =>
        queues?.filter(({ isWritable }) => isWritable).length === partitions;
      await everyNameServer(`see topic ${name} ready`, name, io, isThere);
    },

    async slavesWithout(topic, io) {
      const action = `see topic ${topic}`;
      const has = (address: string) =>
        ask(client, { action, address }, encodeHasTopic(topic), io).catch((cause: unknown) => {
          if (!(cause instanceof AppError)) throw cause;
          return false;
        });
      const holders = await holdersOf(topic, io);
      const slaves = (await slavesOf(nameServers, io)).filter(({ brokerName }) => holders.has(brokerName));
      const answers = await Promise.all(slaves.map(({ address }) => has(address)));
      return slaves.flatMap(({ address }, index) => (answers[index] === true ? [] : [address]));
    },

    deleteTopic,

    /** Deletes the group's retry and dead-letter topics too, which nobody can read without the group. */
    async deleteGroup(name, io, consumed = []) {
      // Each broker that the group's consumers connected to has a retry topic of the group.
      const holders = await holdersOf(`%RETRY%${name}`, io);
      const brokers = (await mastersOf(nameServers, io, holders)).map(({ address }) => address);
      const request = encodeDeleteSubscriptionGroup({ group: name });
      await onEach(brokers, `delete group ${name}`, request, io);
      const retries = await popRetryTopics(name, consumed, io);
      for (const topic of [`%RETRY%${name}`, `%DLQ%${name}`, ...retries]) await deleteTopic(topic, io);
    },

    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function conflict(name: string, wanted: number, found: number): AppError {
  const has = `${found} ${found === 1 ? 'partition' : 'partitions'}`;
  return new AppError('topic-conflict', `cannot create topic ${name} with ${wanted} partitions: it exists with ${has}`);
}

/** @returns masters with their numbers of queues, without masters that would get none */
export function spread(partitions: number, masters: readonly Member[]): [Member, number][] {
  return masters
    .map((master, index): [Member, number] => [
      master,
      Math.floor(partitions / masters.length) + (index < partitions % masters.length ? 1 : 0),
    ])
    .filter(([, queues]) => queues > 0);
}
