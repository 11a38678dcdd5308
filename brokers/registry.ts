// Registers the broker drivers; the keys are the values of `broker` in config.

import type { BrokerKind } from '../core/cluster.ts';
import type { BrokerDriver } from './driver.ts';
import type { ClusterConfig } from './config.ts';

type ConfigOf<Kind extends BrokerKind> = Extract<ClusterConfig, { broker: Kind }>;
type DriverOf = { [Kind in BrokerKind]: BrokerDriver<ConfigOf<Kind>> };

/** Drivers are loaded on demand: a traffic thread of RocketMQ, which needs only one, starts in half the CPU time. */
export const drivers = {
  kafka: whenUsed<ConfigOf<'kafka'>>(async () => (await import('./kafka/driver.ts')).kafkaDriver),
  rocketmq: whenUsed<ConfigOf<'rocketmq'>>(async () => (await import('./rocketmq/driver.ts')).rocketmqDriver),
} satisfies DriverOf;

/** Returns the driver for the broker kind of a config. */
export function driverOf<Config extends ClusterConfig>({ broker }: Config): BrokerDriver<Config> {
  // The compiler cannot infer that the key and the config belong together.
  return drivers[broker] as BrokerDriver<Config>;
}

function whenUsed<Config>(load: () => Promise<BrokerDriver<Config>>): BrokerDriver<Config> {
  return {
    inspect: async (...asked) => (await load()).inspect(...asked),
    lookUp: async (...asked) => (await load()).lookUp(...asked),
    traffic: async (...asked) => (await load()).traffic(...asked),
    administer: async (...asked) => (await load()).administer(...asked),
    watchBrokers: async (...asked) => (await load()).watchBrokers(...asked),
  };
}
