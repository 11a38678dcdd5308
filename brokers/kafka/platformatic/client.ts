// How is Kafka spoken with @platformatic/kafka? Its connections and single requests; none of its retries, caches or streams.

import type { KafkaClient } from '../client.ts';
import { createAdmin } from './admin.ts';
import { createConsumer } from './consumer.ts';
import { createProducer } from './producer.ts';

export const platformaticClient: KafkaClient = {
  traffic: async (cluster) => ({
    producer: (options, listener) => createProducer(cluster, options, listener),
    consumer: async (options, listener) => createConsumer(cluster, options, listener),
    async [Symbol.asyncDispose]() {},
  }),
  administer: async (cluster) => createAdmin(cluster),
};
