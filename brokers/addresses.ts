// Reads the addresses that clients of a cluster start from.

import { byKind } from '../core/broker-kind/registry.ts';
import type { ClusterConfig } from './config.ts';

/** Of brokers, or of name servers. */
export const addressesOf = (cluster: ClusterConfig): readonly string[] =>
  byKind<ClusterConfig, readonly string[]>(cluster, {
    kafka: ({ bootstrap }) => bootstrap,
    rocketmq: ({ namesrv }) => namesrv,
  });
