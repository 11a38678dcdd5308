// Checks whether any broker answered for a snapshot; name servers, agents and kept values do not count.

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
