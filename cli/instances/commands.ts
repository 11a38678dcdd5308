// Lists the commands that operate instances, for the registry.

import type { CommandGroups } from '../command-list.ts';

export const instanceCommands = {
  instances: { summary: 'Install, list, start, restart, upgrade and remove the processes of clusters.' },
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
  'instances start': {
    summary: 'Start one instance over SSH: checks Java, ports, disk and data directories first; shows the plan first.',
    load: async () => (await import('./one-instance-command.ts')).oneInstanceCommand('start'),
  },
  'instances stop': {
    summary: 'Stop one instance over SSH; shows the plan first.',
    load: async () => (await import('./one-instance-command.ts')).oneInstanceCommand('stop'),
  },
  'instances restart': {
    summary: 'Restart one instance over SSH and read its log until it serves; shows the plan first.',
    load: async () => (await import('./one-instance-command.ts')).oneInstanceCommand('restart'),
  },
  'instances roll': {
    summary: 'Restart a cluster one failure domain after another while it stays healthy; shows the plan first.',
    load: async () => (await import('../commands/instances-roll.ts')).instancesRollCommand,
  },
  'instances render': {
    summary: 'Render the clusters of site.yaml: settings and services of each instance, and instances.yaml.',
    load: async () => (await import('../commands/instances-render.ts')).instancesRenderCommand,
  },
  'instances install': {
    summary:
      'Install instances over SSH from a checked archive, start them and wait for the cluster; shows the plan first.',
    load: async () => (await import('./install-commands.ts')).instancesInstallCommand,
  },
  'instances upgrade': {
    summary: 'Switch instances to another version, one failure domain after another; shows the plan first.',
    load: async () => (await import('./install-commands.ts')).instancesUpgradeCommand,
  },
  'instances reconfigure': {
    summary: 'Replace changed settings of instances, one failure domain after another; shows the plan first.',
    load: async () => (await import('./install-commands.ts')).instancesReconfigureCommand,
  },
  'instances remove': {
    summary: 'Remove one instance: service, program and settings; data only with --data; shows the plan first.',
    load: async () => (await import('./install-commands.ts')).instancesRemoveCommand,
  },
} satisfies CommandGroups[string];
