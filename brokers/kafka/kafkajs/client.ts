// How is Kafka spoken with kafkajs? For brokers that platformatic's requests do not fit, and for who prefers it.

import type { KafkaClient } from '../client.ts';
import { createAdmin } from './admin.ts';
import { createConsumer } from './consumer.ts';
import { createProducer } from './producer.ts';

export const kafkajsClient: KafkaClient = {
  traffic: async (cluster) => ({
    producer: (options) => createProducer(cluster, options),
    consumer: (options) => createConsumer(cluster, options),
    async [Symbol.asyncDispose]() {},
  }),
  administer: createAdmin,
};
