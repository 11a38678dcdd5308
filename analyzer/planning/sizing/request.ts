// Defines a request for one cluster: the domains that share it, their shares and the setup.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { inSyncCopies, type BusinessDomain, type PlanMode } from '../../../core/documents/cluster-plan.ts';

export interface ClusterRequest {
  name: string;
  domains: readonly BusinessDomain[];
  /** The demand of each domain is divided over this many clusters of this kind. */
  clusters: { least: number; most: number };
  zones: number;
  survive: { brokers: number; zones: number; group: boolean };
}

/** One for each domain, or one for all domains with the same cluster name. */
export function requestsOf(domains: readonly BusinessDomain[]): ClusterRequest[] {
  const clusters = Map.groupBy(domains, ({ name, placement }) => placement.cluster ?? name);
  return [...clusters].map(([name, members]) => {
    const most = (pick: (domain: BusinessDomain) => number) => Math.max(...members.map(pick));
    return {
      name,
      domains: members,
      clusters: {
        least: most(({ placement }) => placement.clusters.least),
        most: Math.min(...members.map(({ placement }) => placement.clusters.most)),
      },
      zones: most(({ placement }) => placement.zones),
      survive: {
        brokers: most(({ placement }) => placement.survive.brokers),
        zones: most(({ placement }) => placement.survive.zones),
        group: members.some(({ placement }) => placement.survive.group),
      },
    };
  });
}

/** Setup of brokers: everything about a cluster except its machines. */
export interface Build {
  broker: BrokerKind;
  mode: PlanMode;
  /** All copies of a message, including the first. */
  replicas: number;
}

/** A build with its size. */
export interface SizedBuild extends Build {
  clusters: number;
  /** Per cluster. */
  masters: number;
}

export const majorityOf = (members: number): number => Math.floor(members / 2) + 1;

export const hasFailover = ({ mode }: Pick<Build, 'mode'>) => mode === 'dledger' || mode === 'controller';

/** Always for Kafka; for RocketMQ in the mode named after them. */
export const hasControllers = ({ mode }: Pick<Build, 'mode'>) => mode === 'kraft' || mode === 'controller';

/** Copies that must have a message: a majority, or the in-sync ones if a controller elects; one for a fixed master. */
export function writeQuorum({ mode, replicas }: Build, domains: Parameters<typeof inSyncCopies>[0]['domains']): number {
  if (mode === 'dledger') return majorityOf(replicas);
  return hasControllers({ mode }) ? inSyncCopies({ replicas, domains }) : 1;
}

/** Machines per broker that accepts messages: for RocketMQ including its slaves or followers. */
export const hostsPerMaster = ({ broker, replicas }: Build) =>
  traitsOf(broker).copies === 'any-broker' ? 1 : replicas;
