// Defines `exporter.modules`: how to connect to clusters named by a request or a target list.

import { z } from 'zod';
import type { ClusterConfig } from '../brokers/config.ts';
import { addressLike } from '../brokers/address.ts';
import { KafkaClusterConfig } from '../brokers/kafka/config.ts';
import { RocketmqClusterConfig } from '../brokers/rocketmq/config.ts';
import { byKind } from '../core/broker-kind/registry.ts';
import { matchesAny } from './name-filter.ts';

const Address = addressLike('127.0.0.1:9092');

/** Without it, any client of the exporter could make it connect anywhere with its credentials. */
const targets = z
  .array(z.string().min(1).max(255))
  .min(1)
  .describe('addresses it may be used for, as host:port; * stands for any text, ? for any one character')
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

type Addressed = { kind: 'cluster'; config: ClusterConfig } | { kind: 'refused'; reason: string };

/** @param target bootstrap brokers or name servers, host:port, with commas between them */
export function addressModule(module: ModuleConfig, target: string): Addressed {
  const addresses = target.split(',').map((address) => address.trim());
  const refused = addresses.find((address) => !matchesAny(address, module.targets));
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
