// Lists the commands that operate instances, for the registry.

import type { CommandGroups } from '../command-list.ts';

export const instanceCommands = {
  instances: { summary: 'List the processes of clusters, and whether they run.' },
  'instances list': {
    summary: 'List the processes of the clusters: host, role, version, desired and actual state, restarts.',
    load: async () => (await import('../commands/instances-list.ts')).instancesListCommand,
  },
  'instances status': {
    summary: 'Show instances that are not in their desired state, or one instance in full.',
    load: async () => (await import('../commands/instances-status.ts')).instancesStatusCommand,
  },
  'instances discover': {
    summary: 'Write instances.yaml from the processes that run on the configured hosts.',
    load: async () => (await import('../commands/instances-discover.ts')).instancesDiscoverCommand,
  },
} satisfies CommandGroups[string];
