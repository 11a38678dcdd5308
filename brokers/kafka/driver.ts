// Implements the broker driver for Kafka: negotiates API versions, chooses the client, opens each role.

import { seconds, systemClock } from '../../core/clock.ts';
import type { BrokerDriver, ClusterAdmin, Echo, EchoPosition, Io, NewTopic } from '../driver.ts';
import { createReadGovernor } from '../read-governor.ts';
import { type KafkaAdministration, openKafkaAdministration } from './changes/kafka-administration.ts';
import { chooseClient, clients } from './choose-client.ts';
import type { KafkaClient, KafkaCluster } from './client.ts';
import type { KafkaClusterConfig } from './config.ts';
import { watchKafkaBrokers } from './figures/watch.ts';
import { createKafkaLookup } from './lookup/lookup.ts';
import { createInspector } from './inspect/snapshot.ts';
import { createLinks, readApiRanges, speaks } from './wire/links.ts';
import {
  type Connections,
  createConnections,
  defaultTimeouts,
  echoTimeouts,
  scrapeTimeouts,
} from './wire/connections.ts';
import { firstToAnswer } from './wire/first-to-answer.ts';
import { withListenerHint } from './wire/detect-listener.ts';
import { AppError } from '../../core/errors.ts';
import { kafkaErrorNamed, toAppError } from './errors.ts';
import { fetchRecords } from './platformatic/fetch.ts';
import { produce } from './platformatic/produce.ts';
import { readRecordBatches } from './platformatic/record-batch.ts';
import { ask, askForParts } from './wire/ask.ts';
import { readMetadata } from './wire/metadata.ts';
import { listOffsetsV5 } from './library.ts';
import type { Broker, Topic } from '../../core/cluster.ts';

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

/** More than a value and its batch; later messages of others are not needed. */
const partitionBytes = 1024;
/** A new leader may learn of the offset a little later. */
const outOfRange = 'OFFSET_OUT_OF_RANGE';
const outOfRangePause = seconds(0.2);

const needed = { Produce: 9, Fetch: 12 } as const;

/** @throws AppError unsupported-broker before Kafka 2.8 */
function createEcho({ name, config, ranges }: KafkaCluster, topic: string): Echo {
  for (const [api, version] of Object.entries(needed)) {
    if (speaks(ranges, api, version)) continue;
    throw new AppError('unsupported-broker', `cannot send to cluster ${name} and read back: no ${api} v${version}`);
  }
  const connections = createConnections(name, config, echoTimeouts);
  let addresses: ReadonlyMap<string, string> = new Map();

  const connect = async (place: EchoPosition, action: string, io: { signal: AbortSignal }, channel: string) => {
    const address = addresses.get(place.broker);
    if (address === undefined) throw new AppError('broker-unreachable', `cannot ${action}: no such broker`);
    return { connection: await connections.to(address, io, channel), attempt: { action, address } };
  };

  return {
    async places(io) {
      const { brokers, topics } = await firstToAnswer(name, config.bootstrap, io, async (address, within) =>
        readMetadata(await connections.to(address, within, 'metadata'), address, within, [topic]),
      );
      addresses = new Map([...addresses, ...brokers.map(({ id, address }) => [id, address] as const)]);
      const found = topics.find((each) => each.name === topic);
      if (found === undefined) {
        throw new AppError('broker-refused', `cannot use topic ${topic}: cluster ${name} has no such topic`, {
          hint: 'create it first; Plimsoll never creates a topic by sending to it',
        });
      }
      return found.partitions.flatMap(({ partition, leader }) =>
        leader === undefined ? [] : { partition, broker: leader },
      );
    },

    async send(place, value, io) {
      const { connection, attempt } = await connect(place, `send to ${topic}-${place.partition}`, io, 'send');
      const { partition } = place;
      return (await ask(connection, attempt, io, produce, 'all', topic, partition, [value], Date.now())).baseOffset;
    },

    async read(place, offset, io) {
      const action = `read ${topic}-${place.partition} at ${offset}`;
      const { connection, attempt } = await connect(place, action, io, 'read');
      const positions = [{ partition: place.partition, offset }];
      for (;;) {
        const request = { positions, partitionBytes };
        const { partitions } = await ask(connection, attempt, io, fetchRecords, topic, request);
        const [found] = partitions;
        const refusal = found && kafkaErrorNamed(found.errorCode);
        if (found === undefined || refusal === outOfRange) {
          await systemClock.sleep(outOfRangePause, io);
          continue;
        }
        if (refusal !== undefined) {
          throw toAppError({ apiId: refusal, message: 'the leader refused it' }, { ...attempt, api: 'Fetch' });
        }
        const { values, next } = readRecordBatches(found.records, offset);
        if (next !== undefined) return values[0] && Buffer.from(values[0]);
      }
    },

    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
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
