// Registers the host probes; the key is the value of `probe` in the config file.

import type { HostConfig } from './config.ts';
import { openLocalHost } from './local.ts';
import { openNodeExporterHost } from './node-exporter/probe.ts';
import type { WatchOptions } from './linux/probe.ts';
import type { HostProbe } from './probe.ts';
import { openSshHost } from './ssh.ts';

export const probes = {
  local: openLocalHost,
  ssh: openSshHost,
  'node-exporter': openNodeExporterHost,
} satisfies {
  [Kind in HostConfig['probe']]: (
    name: string,
    config: Extract<HostConfig, { probe: Kind }>,
    options: WatchOptions,
  ) => HostProbe;
};

/** Does not connect yet: the first reading shows whether the host answers. */
export function openHost(name: string, config: HostConfig, options: WatchOptions = {}): HostProbe {
  // The key of the registry matches the union member, but the compiler cannot infer that through a call.
  const open = probes[config.probe] as (name: string, config: HostConfig, options: WatchOptions) => HostProbe;
  return open(name, config, options);
}
