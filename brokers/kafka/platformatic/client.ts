// Implements the Kafka client on @platformatic/kafka's connections and requests, without its retries and caches.

import type { KafkaClient } from '../client.ts';
import { createConsumer } from './consumer.ts';
import { createProducer } from './producer.ts';

export const platformaticClient: KafkaClient = {
  traffic: async (cluster) => ({
    producer: (options, listener) => createProducer(cluster, options, listener),
    consumer: async (options, listener) => createConsumer(cluster, options, listener),
    async [Symbol.asyncDispose]() {},
  }),
};
