// Which ways to read a machine exist? One line each; the key is what config calls `probe`.

import type { HostConfig } from './config.ts';
import { openLocalHost } from './local.ts';
import type { HostProbe } from './probe.ts';

export const probes = {
  local: openLocalHost,
} satisfies {
  [Kind in HostConfig['probe']]: (name: string, config: Extract<HostConfig, { probe: Kind }>) => HostProbe;
};

/** Opens nothing yet: the first reading says whether the machine answers. */
export function openHost(name: string, config: HostConfig): HostProbe {
  return probes[config.probe](name, config);
}
