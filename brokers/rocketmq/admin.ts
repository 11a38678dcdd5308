// Creates and deletes topics and groups on every master, and waits until every name server shows the change.

import { systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import type { ClusterAdmin, Io } from '../driver.ts';
import { ask } from './ask.ts';
import { encodeGetAllTopicsOfNameServer } from './protocol/get-all-topics-of-name-server.ts';
import type { RocketmqClusterConfig } from './config.ts';
import { encodeDeleteSubscriptionGroup } from './protocol/delete-subscription-group.ts';
import { encodeDeleteRoute, encodeDeleteTopic } from './protocol/delete-topic.ts';
import { encodeHasTopic } from './protocol/get-topic-stats.ts';
import type { TypedRequest } from './protocol/typed-request.ts';
import { encodeUpdateTopic } from './protocol/update-topic.ts';
import { askNameServers, readMergedRoute } from './name-servers.ts';
import { mastersOf, connectNameServers, slavesOf, type Member } from './masters.ts';
import { popRetryNames } from './pop-retry-topics.ts';
import { queuesOf, readRoute, type TopicQueue } from './topic-queues.ts';

const pause = seconds(0.05);
/** A broker registers what changed within 10 s at most (registerBrokerAll after a restart). */
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

  /** One after the other: a refusal names its broker, and nothing is under way any more. */
  async function onEach(
    addresses: readonly string[],
    action: string,
    request: TypedRequest<void>,
    io: Io,
  ): Promise<void> {
    for (const address of addresses) await ask(client, { action, address }, request, io);
  }

  /** @param isSettled judges the queues as one name server shows them; undefined when it knows no such topic */
  async function everyNameServer(
    what: string,
    topic: string,
    io: Io,
    isSettled: (queues: readonly TopicQueue[] | undefined) => boolean,
  ): Promise<void> {
    const deadline = systemClock.monotonic() + patience;
    for (const address of namesrv) {
      for (;;) {
        const route = await readRoute({ ...nameServers, namesrv: [address] }, topic, io);
        if (isSettled(route === undefined ? undefined : queuesOf(topic, route))) break;
        if (systemClock.monotonic() > deadline) {
          throw new AppError(
            'broker-refused',
            `cannot ${what} on name server ${address}: still not after ${patience} s`,
          );
        }
        await systemClock.sleep(pause, io);
      }
    }
  }

  async function deleteTopic(name: string, io: Io): Promise<void> {
    const action = `delete topic ${name}`;
    // A slave that kept the topic would bring it back.
    const brokers = (await mastersOf(nameServers, io, await holdersOf(name, io))).map(({ address }) => address);
    await onEach(brokers, action, encodeDeleteTopic({ topic: name }), io);
    await onEach(namesrv, action, encodeDeleteRoute({ topic: name }), io);
    await everyNameServer(`see topic ${name} gone`, name, io, (queues) => queues === undefined);
  }

  /** Made with the first message that is redelivered. */
  async function popRetryTopics(group: string, consumed: readonly string[], io: Io): Promise<string[]> {
    if (consumed.length === 0) return [];
    const list = encodeGetAllTopicsOfNameServer();
    const known = await askNameServers(nameServers, 'list the topics', list, io);
    const names = new Set(consumed.flatMap((topic) => popRetryNames({ group, topic })));
    return known.filter((topic) => names.has(topic));
  }

  return {
    /**
     * The partitions are spread over the masters there are now as queues, those of the first names getting one more when it does
     * not come out even. replicationFactor has no effect: a topic is on as many brokers as its broker groups have.
     * `config` are attributes of 5.x, such as `message.type`.
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

    /** Deletes its retry and dead-letter topics too, which no one can read any more. */
    async deleteGroup(name, io, consumed = []) {
      // Each broker that its consumers met has made its retry topic.
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

/** @returns masters with the queues each gets; those that would get none are left out */
export function spread(partitions: number, masters: readonly Member[]): [Member, number][] {
  return masters
    .map((master, index): [Member, number] => [
      master,
      Math.floor(partitions / masters.length) + (index < partitions % masters.length ? 1 : 0),
    ])
    .filter(([, queues]) => queues > 0);
}
