// Registers the broker drivers; the keys are the values of `broker` in config.

import type { BrokerKind } from '../core/cluster.ts';
import type { ClusterConfig } from './config.ts';
import type { BrokerDriver } from './driver.ts';
import { kafkaDriver } from './kafka/driver.ts';
import { rocketmqDriver } from './rocketmq/driver.ts';

type DriverOf = { [Kind in BrokerKind]: BrokerDriver<Extract<ClusterConfig, { broker: Kind }>> };

export const drivers = { kafka: kafkaDriver, rocketmq: rocketmqDriver } satisfies DriverOf;

/** The driver for a cluster's own kind: it takes the config it was asked with. */
export function driverOf<Config extends ClusterConfig>({ broker }: Config): BrokerDriver<Config> {
  // The compiler does not follow that the key and the config belong together.
  return drivers[broker] as BrokerDriver<Config>;
}
