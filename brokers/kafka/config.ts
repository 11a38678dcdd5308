// What must be known to reach a Kafka cluster? The keys of one entry under `clusters`.

import { z } from 'zod';
import { Secret } from '../../core/secret.ts';
import { addressLike } from '../address.ts';
import { TlsConfig } from '../tls-config.ts';
import { InternalsSource } from './internals/config.ts';

const Sasl = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
  username: z.string(),
  password: Secret,
});

const ZooKeeperAddress = z.union([addressLike('127.0.0.1:2181'), z.url({ protocol: /^https?$/ })]);

export const clientNames = ['platformatic', 'kafkajs'] as const;

export const KafkaClusterConfig = z.strictObject({
  broker: z.literal('kafka'),
  bootstrap: z.array(addressLike('127.0.0.1:9092')).min(1).describe('brokers to ask first, as host:port'),
  client: z
    .enum(['auto', ...clientNames])
    .default('auto')
    .describe('auto picks by what the brokers speak; docs/brokers.md'),
  zookeeper: z
    .array(ZooKeeperAddress)
    .default([])
    .describe(
      'its servers, where brokers keep their metadata in ZooKeeper: host:port of the client port, or http://host:port of the admin server',
    ),
  tls: TlsConfig.optional(),
  sasl: Sasl.optional(),
  jmx: z
    .record(z.string(), InternalsSource)
    .default({})
    .describe('URL of the JMX exporter or Jolokia agent of each broker id, for what goes on inside it'),
  brokers: z
    .record(z.string(), z.strictObject({ host: z.string() }))
    .default({})
    .describe('which entry of `hosts` each broker id runs on'),
});

export type KafkaClusterConfig = z.infer<typeof KafkaClusterConfig>;
export type KafkaClientName = (typeof clientNames)[number];
