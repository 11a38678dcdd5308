// Defines the config of one Kafka cluster under `clusters`.

import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-config.ts';
import { addressLike } from '../address.ts';
import { BrokerHostRef } from '../broker-place.ts';
import { KafkaClusterId } from '../cluster-id.ts';
import { LoadTestPermission } from '../../core/policy/load-test-permission.ts';
import { SchemaRegistryConfig } from '../schema-registry/config.ts';
import { TlsConfig } from '../tls-config.ts';
import { InternalsSource } from './internals/config.ts';
import { Sasl } from './sasl/config.ts';

const ZooKeeperAddress = z.union([addressLike('127.0.0.1:2181'), HttpUrl]);

const BrokerId = z.string().regex(/^\d+$/, 'a broker of Kafka has a number for its id (node.id or broker.id)');

export const clientNames = ['platformatic', 'kafkajs'] as const;

export const KafkaClusterConfig = z.strictObject({
  broker: z.literal('kafka'),
  bootstrap: z.array(addressLike('127.0.0.1:9092')).min(1).describe('a list such as [broker-1:9092, broker-2:9092]'),
  clusterId: KafkaClusterId.optional(),
  client: z
    .enum(['auto', ...clientNames])
    .default('auto')
    .describe('auto chooses by the API versions of the brokers; docs/reference/brokers.md'),
  zookeeper: z
    .array(ZooKeeperAddress)
    .default([])
    .describe(
      'ZooKeeper servers, for brokers that keep their metadata there: host:port of the client port, or http://host:port of the admin server',
    ),
  tls: TlsConfig.optional(),
  sasl: Sasl.optional(),
  jmx: z
    .record(BrokerId, InternalsSource)
    .default({})
    .describe('URL of the JMX exporter or Jolokia agent of each broker id, for its internal metrics'),
  brokers: z.record(BrokerId, BrokerHostRef).default({}).describe('entry of `hosts` that each broker id runs on'),
  deadLetterTopics: z
    .record(z.string().min(1).max(249), z.string().min(1).max(249))
    .default({})
    .describe('dead-letter topics with an unusual name, each with the topic its messages came from'),
  schemaRegistry: SchemaRegistryConfig.optional(),
  loadTest: LoadTestPermission.optional(),
});

export type KafkaClusterConfig = z.infer<typeof KafkaClusterConfig>;
export type KafkaClientName = (typeof clientNames)[number];
