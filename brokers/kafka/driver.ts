// Implements the broker driver for Kafka: negotiates API versions, chooses the client, opens each role.

import { seconds, systemClock } from '../../core/clock.ts';
import type { BrokerDriver, ClusterAdmin, Io, NewTopic } from '../driver.ts';
import { createReadGovernor } from '../read-governor.ts';
import { type KafkaAdministration, openKafkaAdministration } from './changes/kafka-administration.ts';
import { chooseClient, clients } from './choose-client.ts';
import type { KafkaClient, KafkaCluster } from './client.ts';
import type { KafkaClusterConfig } from './config.ts';
import { watchKafkaBrokers } from './figures/watch.ts';
import { createKafkaLookup } from './lookup/lookup.ts';
import { createInspector } from './inspect/snapshot.ts';
import { createLinks, readApiRanges, firstToAnswer } from './wire/links.ts';
import { type Connections, createConnections, defaultTimeouts, scrapeTimeouts } from './wire/connections.ts';
import { withListenerHint } from './wire/detect-listener.ts';
import { AppError } from '../../core/errors.ts';
import { askForParts } from './wire/ask.ts';
import { readMetadata } from './wire/metadata.ts';
import { listOffsetsV5 } from './library.ts';
import type { Broker, Topic } from '../../core/cluster.ts';
import { createEcho } from './echo.ts';

/** A load test deletes what it created within 15 s, and must report the reason if its brokers are gone. */
const administrationPatience = seconds(2);

export const kafkaDriver: BrokerDriver<KafkaClusterConfig> = {
  async inspect(name, config, io, options) {
    const governor = createReadGovernor({ clock: systemClock });
    const links = createLinks(createConnections(name, config, scrapeTimeouts), governor);
    try {
      await firstToAnswer(name, config.bootstrap, io, (address, within) =>
        withListenerHint(reaching(name), address, config, within, () => links.to(address, within)),
      );
    } catch (cause) {
      await links[Symbol.asyncDispose]();
      throw cause;
    }
    return createInspector({ name, config, links, clock: systemClock, governor, ...options });
  },

  lookUp: createKafkaLookup,

  async traffic(name, config, io) {
    const { client, cluster } = await connectToCluster(name, config, io);
    const traffic = await client.traffic(cluster, io);
    return { ...traffic, echo: async ({ topic }) => createEcho(cluster, topic) };
  },

  async administer(name, config, io) {
    // Refuses a cluster that cannot receive traffic before anything is changed there.
    await connectToCluster(name, config, io);
    return settled(
      openKafkaAdministration(name, config, { patience: administrationPatience }),
      createConnections(name, config, defaultTimeouts),
    );
  },

  async watchBrokers(name, config, { topics }) {
    const links = createLinks(
      createConnections(name, config, scrapeTimeouts),
      createReadGovernor({ clock: systemClock }),
    );
    return watchKafkaBrokers({ name, config, links, topics, clock: systemClock });
  },
};

const reaching = (name: string) => `reach a broker of cluster ${name}`;

/** @throws AppError broker-unreachable, credentials-refused, unsupported-broker */
async function connectToCluster(
  name: string,
  config: KafkaClusterConfig,
  io: Io,
): Promise<{ client: KafkaClient; cluster: KafkaCluster }> {
  await using connections = createConnections(name, config, defaultTimeouts);
  const ranges = await firstToAnswer(name, config.bootstrap, io, (address, within) =>
    withListenerHint(reaching(name), address, config, within, async () =>
      readApiRanges(await connections.to(address, within), address, within),
    ),
  );
  const client = await clients[chooseClient(name, config.client, ranges)].load();
  return { client, cluster: { name, config, ranges } };
}

const pause = seconds(0.05);
const patience = seconds(30);
const latest = -1n;

/** @param connections closed with the admin */
function settled(admin: KafkaAdministration, connections: Connections): ClusterAdmin {
  async function conflictOf({ name, partitions: wanted }: NewTopic, cause: AppError, io: Io): Promise<AppError> {
    const { connection, address } = await connections.bootstrap(io);
    const found = (await readMetadata(connection, address, io, [name])).topics[0]?.partitions.length;
    const has =
      found === undefined ? 'it exists' : `it exists with ${found} ${found === 1 ? 'partition' : 'partitions'}`;
    return new AppError('topic-conflict', `cannot create topic ${name} with ${wanted} partitions: ${has}`, { cause });
  }

  /** A broker may report itself as leader some milliseconds before it accepts messages and requests for offsets. */
  async function isServing(address: string, topic: string, led: readonly number[], io: Io): Promise<boolean> {
    if (led.length === 0) return true;
    const partitions = led.map((partitionIndex) => ({ partitionIndex, currentLeaderEpoch: -1, timestamp: latest }));
    const connection = await connections.to(address, io);
    const attempt = { action: `read the offsets of ${topic}`, address };
    const answer = await askForParts(connection, attempt, io, listOffsetsV5.api, -1, 0, [{ name: topic, partitions }]);
    return answer.topics.every((each) => each.partitions.every(({ errorCode }) => errorCode === 0));
  }

  /** @param isSettled judges the topic as one broker reports it; undefined if it has no such topic */
  async function everyBroker(
    what: string,
    topic: string,
    io: Io,
    isSettled: (broker: Broker, seen: Topic | undefined) => Promise<boolean>,
  ): Promise<void> {
    const deadline = systemClock.monotonic() + patience;
    const { connection, address } = await connections.bootstrap(io);
    const { brokers } = await readMetadata(connection, address, io, []);
    for (const broker of brokers) {
      const reached = await connections.to(broker.address, io);
      for (;;) {
        const { topics } = await readMetadata(reached, broker.address, io, [topic]);
        if (await isSettled(broker, topics[0])) break;
        if (systemClock.monotonic() > deadline) {
          throw new AppError('broker-refused', `cannot ${what} on ${broker.address}: still not after ${patience} s`);
        }
        await systemClock.sleep(pause, io);
      }
    }
  }

  return {
    async createTopic(topic, io) {
      const { name } = topic;
      try {
        await admin.createTopic(topic, { validateOnly: false }, io);
      } catch (cause) {
        if (!(cause instanceof AppError) || cause.code !== 'topic-conflict') throw cause;
        throw await conflictOf(topic, cause, io);
      }
      await everyBroker(`see topic ${name} ready`, name, io, async ({ id, address }, seen) => {
        if (seen?.partitions.length !== topic.partitions) return false;
        if (seen.partitions.some(({ leader }) => leader === undefined)) return false;
        const led = seen.partitions.filter(({ leader }) => leader === id).map(({ partition }) => partition);
        return isServing(address, name, led, io);
      });
    },

    async deleteTopic(name, io) {
      await admin.deleteTopic(name, io);
      await everyBroker(`see topic ${name} gone`, name, io, async (_, seen) => seen === undefined);
    },

    deleteGroup: (name, io) => admin.deleteGroup(name, io),

    async [Symbol.asyncDispose]() {
      await Promise.all([admin[Symbol.asyncDispose](), connections[Symbol.asyncDispose]()]);
    },
  };
}
