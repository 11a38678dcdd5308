// Creates and deletes topics and groups with single requests; deleting what no longer exists succeeds.

import { createTopicsV7, deleteGroupsV2, deleteTopicsV5 } from '../library.ts';
import type { ClusterAdmin, Io } from '../../driver.ts';
import type { KafkaCluster } from '../client.ts';
import { onceCoordinated } from '../coordinator-wait.ts';
import { kafkaErrorOf } from '../errors.ts';
import { ask } from '../wire/ask.ts';
import { createConnections, defaultTimeouts } from '../wire/connections.ts';
import { findCoordinator } from '../wire/find-coordinator.ts';
import { readMetadata } from '../wire/metadata.ts';

const brokerWaitMs = 8000;

export function createAdmin({ name: cluster, config }: KafkaCluster): ClusterAdmin {
  const connections = createConnections(cluster, config, defaultTimeouts);

  /** With ZooKeeper only the controller changes topics; with KRaft every broker passes the request on. */
  async function controller(io: Io) {
    const { connection, address } = await connections.bootstrap(io);
    const { controllerId, brokers } = await readMetadata(connection, address, io, []);
    const named = brokers.find(({ id }) => id === controllerId)?.address;
    return named === undefined
      ? { connection, address }
      : { connection: await connections.to(named, io), address: named };
  }

  return {
    async createTopic({ name, partitions, replicationFactor, config: settings = {} }, io) {
      const { connection, address } = await controller(io);
      const topic = {
        name,
        numPartitions: partitions,
        replicationFactor,
        assignments: [],
        configs: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
      };
      await ask(
        connection,
        { action: `create topic ${name}`, address },
        io,
        createTopicsV7.api,
        [topic],
        brokerWaitMs,
        false,
      );
    },

    async deleteTopic(name, io) {
      const { connection, address } = await controller(io);
      await unlessMissing('UNKNOWN_TOPIC_OR_PARTITION', () =>
        ask(connection, { action: `delete topic ${name}`, address }, io, deleteTopicsV5.api, [{ name }], brokerWaitMs),
      );
    },

    deleteGroup: (name, io) =>
      onceCoordinated(io, async () => {
        const coordinator = await findCoordinator(connections, 'group', name, io);
        const reached = await connections.to(coordinator, io);
        await unlessMissing('GROUP_ID_NOT_FOUND', () =>
          ask(reached, { action: `delete group ${name}`, address: coordinator }, io, deleteGroupsV2.api, [name]),
        );
      }),

    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}

async function unlessMissing(missing: string, remove: () => Promise<unknown>): Promise<void> {
  try {
    await remove();
  } catch (cause) {
    if (kafkaErrorOf(cause)?.name !== missing) throw cause;
  }
}
