// Creates and deletes topics and groups with kafkajs; deleting what no longer exists succeeds.

import type { ClusterAdmin, Io } from '../../driver.ts';
import { AppError } from '../../../core/errors.ts';
import type { KafkaCluster } from '../client.ts';
import { onceCoordinated } from '../coordinator-wait.ts';
import { kafkaErrorOf, toAppError } from '../errors.ts';
import { untilAborted } from '../../../core/abort.ts';
import { defaultTimeouts } from '../wire/connections.ts';
import { createKafkajs } from './connect.ts';

/** Finds the controller again after it moved. */
const retries = 3;

export async function createAdmin({ name: cluster, config }: KafkaCluster, io: Io): Promise<ClusterAdmin> {
  const admin = createKafkajs(config, defaultTimeouts, retries).admin();
  await attempt(`reach cluster ${cluster}`, io, () => admin.connect());
  return {
    async createTopic({ name, partitions, replicationFactor, config: settings = {} }, io) {
      const topic = {
        topic: name,
        numPartitions: partitions,
        replicationFactor,
        configEntries: Object.entries(settings).map(([key, value]) => ({ name: key, value })),
      };
      const isNew = await attempt(`create topic ${name}`, io, () =>
        admin.createTopics({ topics: [topic], waitForLeaders: false }),
      );
      if (!isNew) throw new AppError('topic-conflict', `cannot create topic ${name}: it exists`);
    },

    async deleteTopic(name, io) {
      await attempt(
        `delete topic ${name}`,
        io,
        () => admin.deleteTopics({ topics: [name] }),
        'UNKNOWN_TOPIC_OR_PARTITION',
      );
    },

    async deleteGroup(name, io) {
      await onceCoordinated(io, () =>
        attempt(`delete group ${name}`, io, () => admin.deleteGroups([name]), 'GROUP_ID_NOT_FOUND'),
      );
    },

    [Symbol.asyncDispose]: () => admin.disconnect(),
  };
}

/** @param missing the refusal that says the work is done already */
async function attempt<Value>(
  action: string,
  { signal }: Io,
  request: () => Promise<Value>,
  missing?: string,
): Promise<Value | undefined> {
  try {
    return await untilAborted(request(), signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (missing !== undefined && kafkaErrorOf(cause)?.name === missing) return undefined;
    throw toAppError(cause, { action });
  }
}
