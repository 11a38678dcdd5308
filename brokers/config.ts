// Which clusters are there, and how is each reached? The section `clusters`, keyed by the name people use.

import { z } from 'zod';
import { KafkaClusterConfig } from './kafka/config.ts';
import { RocketmqClusterConfig } from './rocketmq/config.ts';

export const ClusterConfig = z.discriminatedUnion('broker', [KafkaClusterConfig, RocketmqClusterConfig]);
export type ClusterConfig = z.infer<typeof ClusterConfig>;

export const ClustersConfig = z.record(z.string(), ClusterConfig);
export type ClustersConfig = z.infer<typeof ClustersConfig>;
