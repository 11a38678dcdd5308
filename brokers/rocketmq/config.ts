// Defines the config of one RocketMQ cluster under `clusters`.

import { z } from 'zod';
import { HttpUrl } from '../../core/http/http-config.ts';
import { Secret } from '../../core/secret.ts';
import { addressLike } from '../address.ts';
import { BrokerHostRef } from '../broker-place.ts';
import { RocketmqClusterId } from '../cluster-id.ts';
import { LoadTestPermission } from '../../core/policy/load-test-permission.ts';
import { SchemaRegistryConfig } from '../schema-registry/config.ts';
import { TlsConfig } from '../tls-config.ts';

export const RocketmqCredentials = z.strictObject({
  accessKey: z.string().min(1),
  secretKey: Secret,
  securityToken: Secret.optional().describe('token of a temporary access key'),
});

const ProxyConfig = z.strictObject({
  address: addressLike('127.0.0.1:8081').describe('gRPC address of a proxy, or of a load balancer before several'),
  hosts: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe('entries of `hosts` that the proxies run on; default: the one with that address'),
  namespace: z.string().min(1).optional().describe('namespace of the topics and groups, if the proxy uses one'),
  credentials: RocketmqCredentials.optional().describe('access key, if it differs from that of the cluster'),
  tls: TlsConfig.optional().describe('absent: plain text, also when the brokers use TLS'),
});

const BrokerId = z.string().regex(/^.+:\d+$/, 'a broker of RocketMQ is named brokerName:brokerId, such as broker-a:0');

export const RocketmqClusterConfig = z.strictObject({
  broker: z.literal('rocketmq'),
  namesrv: z.array(addressLike('127.0.0.1:9876')).min(1).describe('every name server, as host:port'),
  clusterId: RocketmqClusterId.optional(),
  credentials: RocketmqCredentials.optional().describe('access key, if the brokers use ACLs'),
  tls: TlsConfig.optional(),
  proxy: ProxyConfig.optional().describe(
    'gRPC proxy of 5.x: `plimsoll run` sends and consumes through it; everything else uses remoting',
  ),
  controllers: z
    .array(addressLike('127.0.0.1:9878'))
    .min(1)
    .optional()
    .describe('controllers of 5.x, as host:port: they report the replicas in sync'),
  nativeMetrics: z
    .record(BrokerId, HttpUrl)
    .optional()
    .describe("Prometheus endpoint of a broker's own metrics (5.1 and later), by broker id such as broker-a:0"),
  brokers: z
    .record(BrokerId, BrokerHostRef)
    .default({})
    .describe('entry of `hosts` that each broker runs on, by broker id such as broker-a:0'),
  schemaRegistry: SchemaRegistryConfig.optional(),
  loadTest: LoadTestPermission.optional(),
});

export type RocketmqClusterConfig = z.infer<typeof RocketmqClusterConfig>;
export type ProxyConfig = z.infer<typeof ProxyConfig>;
export type RocketmqCredentials = z.infer<typeof RocketmqCredentials>;
