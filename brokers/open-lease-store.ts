// Opens the store that keeps the lease of a cluster's changes.

import type { ClusterConfig } from './config.ts';
import { openKafkaLeaseStore } from './kafka/lease/kafka-lease-store.ts';
import type { LeaseStore } from './lease-store.ts';
import { openRocketmqLeaseStore } from './rocketmq/lease/rocketmq-lease-store.ts';

interface LeaseStoreOptions {
  /** Name servers that come or go with the change itself: the lease is kept on the others, where there are any. */
  without?: readonly string[];
}

/** Connects when it is first asked. */
export function openLeaseStore(
  name: string,
  config: ClusterConfig,
  { without = [] }: LeaseStoreOptions = {},
): LeaseStore {
  if (config.broker === 'kafka') return openKafkaLeaseStore(name, config);
  const staying = config.namesrv.filter((address) => !without.includes(address));
  return openRocketmqLeaseStore(name, config, staying.length > 0 ? staying : config.namesrv);
}
