// Defines the config section `clusters`: one entry per cluster, keyed by its name.

import { z } from 'zod';
import { KafkaClusterConfig } from './kafka/config.ts';
import { RocketmqClusterConfig } from './rocketmq/config.ts';

export const ClusterConfig = z.discriminatedUnion('broker', [KafkaClusterConfig, RocketmqClusterConfig]);
export type ClusterConfig = z.infer<typeof ClusterConfig>;

/** Occurs in labels, log lines and the name of a file of the exporter. */
export const ClusterName = z
  .string()
  .regex(/^(?!\.{1,2}$)[^\p{Cc}]{1,100}$/u, 'a name of a cluster is one line of up to 100 characters, and not . or ..');

export const ClustersConfig = z.record(ClusterName, ClusterConfig);
export type ClustersConfig = z.infer<typeof ClustersConfig>;
