// How is Kafka spoken with kafkajs? For brokers that platformatic's requests do not fit, and for who prefers it.

import type { KafkaClient } from '../client.ts';
import { createAdmin } from './admin.ts';
import { createConsumer, createProducer } from './traffic.ts';

export const kafkajsClient: KafkaClient = {
  traffic: async (cluster) => ({
    producer: ({ acks }) => createProducer(cluster, acks),
    consumer: ({ group, topic }) => createConsumer(cluster, group, topic),
    async [Symbol.asyncDispose]() {},
  }),
  administer: createAdmin,
};
