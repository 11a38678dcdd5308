// Finds which brokers answered for a snapshot; name servers, agents and kept values do not count.

import { AppError } from '../core/errors.ts';
import type { ClusterSnapshot, Section } from './snapshot.ts';

/** Sections read from name servers, controllers, ZooKeeper or a separate agent, which outlive brokers. */
const sectionsWithoutBroker: ReadonlySet<string> = new Set([
  'controller',
  'internals',
  'name-server',
  'native-metrics',
  'routes',
  'sync-state',
  'zookeeper',
]);

/**
 * `none`: no broker accepted a connection or answered, or no broker is listed. `unknown`: a broker refused, such as a
 * password, so it runs.
 */
export type BrokerAnswers = 'some' | 'none' | 'unknown';

export function brokerAnswers(sections: readonly Section[]): BrokerAnswers {
  const attempted = sections.filter(isOfBrokers);
  if (attempted.some(({ kind }) => kind === 'fresh')) return 'some';
  return attempted.every(isSilent) ? 'none' : 'unknown';
}

/** @returns a section that a broker refused, if no broker answered a request */
export const refusalIn = (sections: readonly Section[]): Section | undefined =>
  brokerAnswers(sections) === 'unknown' ? sections.find((each) => isOfBrokers(each) && !isSilent(each)) : undefined;

/** Returns the ids of brokers that did not answer any request, without those that got none, or refused. */
export function silentBrokers(sections: readonly Section[]): ReadonlySet<string> {
  const attempted = sections.filter((each) => each.broker !== undefined && isOfBrokers(each));
  const byBroker = Map.groupBy(attempted, ({ broker = '' }) => broker);
  return new Set([...byBroker].filter(([, own]) => own.every(isSilent)).map(([broker]) => broker));
}

/** Returns the ids of brokers that hold replicas and are not listed: Kafka lists the replicas of a broker that is down. */
export function unlistedBrokers({ topics, cluster }: Pick<ClusterSnapshot, 'topics' | 'cluster'>): string[] {
  const listed = new Set(cluster.brokers.map(({ id }) => id));
  const holders = new Set(topics.flatMap(({ partitions }) => partitions.flatMap(({ replicas }) => replicas)));
  return [...holders.difference(listed)].sort();
}

const isOfBrokers = ({ section, durationSeconds }: Section) =>
  durationSeconds !== undefined && !sectionsWithoutBroker.has(section);

const isSilent = ({ kind, isUnreachable }: Section) => kind !== 'fresh' && isUnreachable === true;

export type OutageMemory = ReturnType<typeof rememberOutage>;

/** Remembers between readings that a cluster is down, until any part of it answers. */
export function rememberOutage() {
  let isDown = false;
  return {
    /** Records the result of a reading. */
    note(answers: BrokerAnswers): void {
      isDown = answers === 'none';
    },
    /**
     * @returns whether a failed reading shows that no broker is running. A refused password does not. Silent name
     * servers do if the cluster was down, because their list of brokers is kept for only five minutes, and nothing has
     * answered since.
     */
    isDownAfter(failure: unknown): boolean {
      // Without a fault that names it, such as at the deadline, it is unknown what answered.
      if (!(failure instanceof AppError)) return false;
      if (failure.code !== 'name-servers-unreachable') isDown = failure.code === 'broker-unreachable';
      return isDown;
    },
  };
}
