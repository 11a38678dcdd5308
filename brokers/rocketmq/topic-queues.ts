// Which queues does a topic have, and where? Numbered as partitions: by broker name, then queue id.

import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import { askNameServers, type NameServers } from './name-servers.ts';
import { encodeGetRoute, parseGetRoute, type Route } from './protocol/get-route.ts';

export interface TopicQueue {
  topic: string;
  /** Index among all queues of the topic that can be written; those that can only be read come after them. */
  partition: number;
  brokerName: string;
  queueId: number;
  /** Of the broker group's master, or of the replica with the lowest id while there is none. */
  address: string;
  isWritable: boolean;
  isReadable: boolean;
}

export interface TopicQueues {
  /** As remembered, else as the name servers say now. @throws AppError broker-refused when there is no such topic */
  of(topic: string, io: Io): Promise<readonly TopicQueue[]>;
  /** For whoever met a broker that is gone, or a queue that is. */
  forget(topic: string): void;
}

export function createTopicQueues(nameServers: NameServers): TopicQueues {
  const known = new Map<string, readonly TopicQueue[]>();
  return {
    async of(topic, io) {
      const remembered = known.get(topic);
      if (remembered !== undefined) return remembered;
      const route = await readRoute(nameServers, topic, io);
      if (route === undefined) {
        throw new AppError(
          'broker-refused',
          `cannot find topic ${topic}: the name servers of ${nameServers.cluster} do not know it`,
          {
            hint: 'create it first; Plimsoll never lets a broker make a topic by sending to it',
          },
        );
      }
      const queues = queuesOf(topic, route);
      known.set(topic, queues);
      return queues;
    },
    forget: (topic) => void known.delete(topic),
  };
}

/** @returns undefined when the name servers do not know the topic. @throws AppError broker-unreachable */
export const readRoute = (nameServers: NameServers, topic: string, io: Io): Promise<Route | undefined> =>
  askNameServers(nameServers, `ask where topic ${topic} is`, encodeGetRoute({ topic }), parseGetRoute, io);

export function queuesOf(topic: string, { queues, brokers }: Route): TopicQueue[] {
  const found = queues
    .toSorted((a, b) => (a.brokerName < b.brokerName ? -1 : a.brokerName > b.brokerName ? 1 : 0))
    .flatMap(({ brokerName, readQueues, writeQueues, permission }) => {
      const addresses =
        brokers.find((broker) => broker.brokerName === brokerName)?.addresses ?? new Map<number, string>();
      const lowestId = Math.min(...addresses.keys());
      const address = addresses.get(lowestId);
      if (address === undefined) return [];
      return Array.from({ length: Math.max(readQueues, writeQueues) }, (_, queueId) => ({
        topic,
        brokerName,
        queueId,
        address,
        // Slaves take no messages, nor does one that stands in for its master.
        isWritable: permission.includes('w') && queueId < writeQueues && lowestId === 0,
        isReadable: permission.includes('r') && queueId < readQueues,
      }));
    });
  const ordered = [...found.filter(({ isWritable }) => isWritable), ...found.filter(({ isWritable }) => !isWritable)];
  return ordered.map((queue, partition) => ({ ...queue, partition }));
}
