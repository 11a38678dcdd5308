// Returns the addresses through which clients first connect to a cluster.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';

/** Addresses of brokers, or of name servers. */
export const addressesOf = (cluster: ClusterConfig): readonly string[] =>
  byKind<ClusterConfig, readonly string[]>(cluster, {
    kafka: ({ bootstrap }) => bootstrap,
    rocketmq: ({ namesrv }) => namesrv,
  });
