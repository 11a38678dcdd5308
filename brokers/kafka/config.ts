// What must be known to reach a Kafka cluster? The keys of one entry under `clusters`.

import { z } from 'zod';
import { Secret } from '../../core/secret.ts';

function hasPort(address: string): boolean {
  const [, port] = /:(\d+)$/.exec(address) ?? [];
  return port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
}

const Address = z
  .string()
  .regex(/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/, 'an address is written host:port, such as 127.0.0.1:9092')
  .refine(hasPort, 'a port is between 1 and 65535')
  .meta({ examples: ['127.0.0.1:9092'] });

const Tls = z.strictObject({
  ca: z.string().optional().describe('PEM file of the authority that signed the brokers'),
  cert: z.string().optional().describe('PEM file of the certificate this client shows'),
  key: Secret.optional().describe('private key of `cert` in PEM'),
  serverName: z.string().optional().describe('name to expect in the certificate, where it is not the host'),
  verify: z.boolean().default(true).describe('false accepts any certificate: for a lab only'),
});

const Sasl = z.strictObject({
  mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
  username: z.string(),
  password: Secret,
});

export const clientNames = ['platformatic', 'kafkajs'] as const;

export const KafkaClusterConfig = z.strictObject({
  broker: z.literal('kafka'),
  bootstrap: z.array(Address).min(1).describe('brokers to ask first, as host:port'),
  client: z
    .enum(['auto', ...clientNames])
    .default('auto')
    .describe('auto picks by what the brokers speak; docs/brokers.md'),
  tls: Tls.optional(),
  sasl: Sasl.optional(),
  brokers: z
    .record(z.string(), z.strictObject({ host: z.string() }))
    .default({})
    .describe('which entry of `hosts` each broker id runs on'),
});

export type KafkaClusterConfig = z.infer<typeof KafkaClusterConfig>;
export type KafkaClientName = (typeof clientNames)[number];
