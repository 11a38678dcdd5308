// Defines `exporter.modules`: how to connect to clusters named by a request or a target list.

import { isIP } from 'node:net';
import { z } from 'zod';
import type { ClusterConfig } from '../brokers/config.ts';
import { addressLike } from '../brokers/address.ts';
import { KafkaClusterConfig } from '../brokers/kafka/config.ts';
import { RocketmqClusterConfig } from '../brokers/rocketmq/config.ts';
import { byKind } from '../core/broker-kind/registry.ts';
import { matchesGlob } from '../core/text/glob.ts';

const Address = addressLike('127.0.0.1:9092');

/** Without this list, any client could make the exporter connect anywhere with its credentials. */
const targets = z
  .array(z.string().min(1).max(255))
  .min(1)
  .describe(
    'addresses it may be used for, as host:port; in a host name, * stands for any text without a dot (alone: any host), ? for any one character',
  )
  .meta({ examples: ['kafka-*.example.com:9092'] });

const KafkaModule = KafkaClusterConfig.omit({ bootstrap: true, brokers: true }).extend({ targets });
const RocketmqModule = RocketmqClusterConfig.omit({
  namesrv: true,
  brokers: true,
  controllers: true,
  nativeMetrics: true,
}).extend({ targets });

export const ModuleConfig = z.discriminatedUnion('broker', [KafkaModule, RocketmqModule]);
export type ModuleConfig = z.infer<typeof ModuleConfig>;

const hostOf = (address: string): string => /^(?:\[[^\]]*\]|[^:]*)/.exec(address)?.[0] ?? '';

/** Prevents `10.0.0.*` from matching 10.0.0.evil.example.org, and `kafka-*` the domain kafka-1.evil.example.org. */
function isTarget(address: string, pattern: string): boolean {
  if (!matchesGlob(address, pattern)) return false;
  const [host, hosts] = [hostOf(address), hostOf(pattern)];
  if (hosts === '*') return true;
  if (/^(?=.*\d)[\d.*?]+$/.test(hosts)) return isIP(host) !== 0 && matchesGlob(host, hosts);
  const [labels, patterns] = [host.split('.'), hosts.split('.')];
  return labels.length === patterns.length && patterns.every((each, index) => matchesGlob(labels[index] ?? '', each));
}

type Addressed = { kind: 'cluster'; config: ClusterConfig } | { kind: 'refused'; reason: string };

/** @param target bootstrap brokers or name servers: host:port, comma-separated */
export function addressModule(module: ModuleConfig, target: string): Addressed {
  const addresses = target.split(',').map((address) => address.trim());
  const refused = addresses.find((address) => !module.targets.some((pattern) => isTarget(address, pattern)));
  if (refused !== undefined) {
    return { kind: 'refused', reason: `${JSON.stringify(refused)} is not among the targets of this module` };
  }
  if (!addresses.every((address) => Address.safeParse(address).success)) {
    return { kind: 'refused', reason: `${JSON.stringify(target)} is not an address of the form host:port` };
  }
  const { targets: _, ...rest } = module;
  const config = byKind<typeof rest, ClusterConfig>(rest, {
    kafka: (of) => ({ ...of, bootstrap: addresses, brokers: {} }),
    rocketmq: (of) => ({ ...of, namesrv: addresses, brokers: {} }),
  });
  return { kind: 'cluster', config };
}
