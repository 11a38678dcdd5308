// Opens the store that keeps the lease of a cluster's changes.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';
import type { LeaseStore } from './lease-store.ts';

interface LeaseStoreOptions {
  /** Name servers that the change itself adds or removes: the lease is stored on the others, if there are any. */
  without?: readonly string[];
}

/** Connects on the first request. */
export function openLeaseStore(
  name: string,
  config: ClusterConfig,
  { without = [] }: LeaseStoreOptions = {},
): Promise<LeaseStore> {
  return byKind<ClusterConfig, Promise<LeaseStore>>(config, {
    async kafka(kafka) {
      const { openKafkaLeaseStore } = await import('./kafka/lease/kafka-lease-store.ts');
      return openKafkaLeaseStore(name, kafka);
    },
    async rocketmq(rocketmq) {
      const { openRocketmqLeaseStore } = await import('./rocketmq/lease/rocketmq-lease-store.ts');
      const staying = rocketmq.namesrv.filter((address) => !without.includes(address));
      return openRocketmqLeaseStore(name, rocketmq, staying.length > 0 ? staying : rocketmq.namesrv);
    },
  });
}
