// Finds which brokers answered for a snapshot; name servers, agents and kept values do not count.

import { AppError } from '../core/errors.ts';
import type { Section } from './snapshot.ts';

/** Sections read from name servers, controllers, ZooKeeper or a separate agent, which outlive brokers. */
const sectionsWithoutBroker: ReadonlySet<string> = new Set([
  'internals',
  'name-server',
  'native-metrics',
  'routes',
  'sync-state',
  'zookeeper',
]);

export const hasBrokerAnswered = (sections: readonly Section[]) =>
  sections.some(
    ({ section, kind, durationSeconds }) =>
      kind === 'fresh' && durationSeconds !== undefined && !sectionsWithoutBroker.has(section),
  );

/** Ids of brokers that were asked and did not answer; one that was not asked is not among them. */
export function silentBrokers(sections: readonly Section[]): ReadonlySet<string> {
  const asked = sections.filter(({ broker, kind }) => broker !== undefined && kind !== 'skipped');
  const byBroker = Map.groupBy(asked, ({ broker = '' }) => broker);
  return new Set(
    [...byBroker].filter(([, own]) => own.every(({ kind }) => kind !== 'fresh')).map(([broker]) => broker),
  );
}

/** Whether a failed reading shows that no broker serves; a refused password or a silent name server does not. */
export const showsClusterDown = (cause: unknown) => cause instanceof AppError && cause.code === 'broker-unreachable';
