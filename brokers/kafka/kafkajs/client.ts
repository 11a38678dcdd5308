// Implements the Kafka client with kafkajs, for brokers that @platformatic/kafka does not support.

import type { KafkaClient } from '../client.ts';
import { createConsumer } from './consumer.ts';
import { createProducer } from './producer.ts';

export const kafkajsClient: KafkaClient = {
  traffic: async (cluster) => ({
    producer: (options) => createProducer(cluster, options),
    consumer: (options) => createConsumer(cluster, options),
    async [Symbol.asyncDispose]() {},
  }),
};
