// Sends single messages with key and headers to the leader of a partition, acknowledged by all in-sync replicas.

import { produceV8, produceV9 } from './library.ts';
import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import type { MessageSender } from '../message-sender.ts';
import { acksOnWire, replicasWaitMs } from './acks-on-wire.ts';
import type { KafkaMetadata } from './client.ts';
import type { KafkaClusterConfig } from './config.ts';
import { createConnections, defaultTimeouts } from './wire/connections.ts';
import { firstToAnswer, createLinks, newestSpoken } from './wire/links.ts';
import { leaderAddress, readMetadataOver } from './wire/metadata.ts';

/** Opens no connection yet. */
export function openKafkaSender(name: string, config: KafkaClusterConfig): MessageSender {
  const links = createLinks(createConnections(name, config, defaultTimeouts), { take: async () => undefined });
  const known = new Map<string, KafkaMetadata>();

  async function metadataOf(topic: string, io: Io): Promise<KafkaMetadata> {
    const read = await firstToAnswer(name, config.bootstrap, io, async (address, within) =>
      readMetadataOver(await links.to(address, within), within, [topic]),
    );
    known.set(topic, read);
    return read;
  }

  return {
    async places(topic, io) {
      const { topics } = await metadataOf(topic, io);
      const found = topics.find((each) => each.name === topic);
      if (found === undefined) {
        throw new AppError('not-found', `cluster ${name} has no topic ${topic}`, {
          hint: '`plimsoll get topics` lists its topics. Kafka hides a topic from a user without Describe on it.',
        });
      }
      return found.partitions.map(({ partition }) => ({ topic, partition }));
    },

    async send({ topic, partition, key, value, properties }, io) {
      const address = leaderAddress(known.get(topic) ?? (await metadataOf(topic, io)), { topic, partition });
      if (address === undefined) {
        known.delete(topic);
        throw new AppError('broker-unreachable', `cannot send to ${topic}-${partition}: it has no leader now`, {
          hint: `start a broker that has a replica: \`plimsoll get topic ${topic}\` lists them`,
        });
      }
      try {
        const link = await links.to(address, io, { channel: 'send' });
        // Kafka 2.4 to 2.7 do not support v9.
        const produce = newestSpoken(link, produceV9.api, produceV8.api);
        const headers = new Map(properties.map(([header, content]) => [Buffer.from(header), content]));
        // The library writes an absent value as null: a tombstone.
        const record = { topic, partition, ...(key && { key }), value: value as Buffer, headers };
        const action = `send to ${topic}-${partition}`;
        const answer = await link.ask(action, io, produce, acksOnWire.all, replicasWaitMs, [record]);
        const stored = typeof answer === 'boolean' ? undefined : answer.responses[0]?.partitionResponses[0];
        if (stored === undefined) throw new AppError('answer-unreadable', `${address} did not report what it stored`);
        return stored.baseOffset;
      } catch (cause) {
        // The leader may have changed.
        known.delete(topic);
        throw cause;
      }
    },

    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}
