// What is one cluster asked to carry? The domains that share it, each with its part, and how it would be built.

import type { BusinessDomain, PlanMode } from '../../../core/documents/cluster-plan.ts';

export interface ClusterRequest {
  name: string;
  domains: readonly BusinessDomain[];
  /** The demand of each domain is dealt out to so many clusters of this kind. */
  clusters: { least: number; most: number };
  zones: number;
  survive: { brokers: number; zones: number; group: boolean };
}

/** A way to run brokers; what a cluster is made of but its machines. */
export interface Build {
  broker: 'kafka' | 'rocketmq';
  mode: PlanMode;
  /** All copies of a message, its first included. */
  replicas: number;
}

export const hasFailover = ({ mode }: Build) => mode === 'dledger' || mode === 'controller';

/** Machines that one broker that takes messages comes with: on RocketMQ its slaves or followers, too. */
export const hostsPerMaster = ({ broker, replicas }: Build) => (broker === 'kafka' ? 1 : replicas);
