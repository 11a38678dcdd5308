// Provides tools of instance changes: hosts are this machine, and the cluster is healthy.

import { openPackages } from '../../app/instances/packages.ts';
import { systemClock } from '../../core/clock.ts';
import { LocalHost } from '../../hosts/config.ts';
import type { HostCommands } from '../../hosts/instances/host-commands.ts';
import { openInstanceHost, type InstanceHost } from '../../hosts/instances/instance-host.ts';
import type { InstanceTools } from '../../ops/instances/facts.ts';

/** @param run replaces the programs of the host */
export function thisHost(name: string, run?: HostCommands['run']): InstanceHost {
  const host = openInstanceHost(name, LocalHost.parse({ probe: 'local' }), { clock: systemClock });
  return run === undefined ? host : { ...host, commands: { host: name, run } };
}

export const instanceToolsWith = (over: Partial<InstanceTools> = {}): InstanceTools => ({
  hostOf: (name) => thisHost(name),
  gate: { baseline: async () => ({ brokers: [], lags: {} }), blockers: async () => [] },
  clock: systemClock,
  all: {},
  clusterIdOf: () => undefined,
  writeLatency: () => ({ p99: () => undefined, reason: () => undefined }),
  packages: openPackages({ file: '/instances.yaml' }, { environment: {} }),
  ...over,
});
