// Opens a Linux host over SSH; nothing needs to be installed on it.

import { systemClock } from '../core/clock.ts';
import type { SshHost } from './config.ts';
import { openSshFiles } from './files/ssh.ts';
import { watchLinux, type WatchOptions } from './linux/probe.ts';
import type { HostProbe } from './probe.ts';
import { createSshConnection } from './ssh/connection.ts';

export function openSshHost(
  host: string,
  config: SshHost,
  { clock = systemClock, stateDirectory }: WatchOptions = {},
): HostProbe {
  const files = openSshFiles(createSshConnection(host, config, { clock }), clock);
  return watchLinux(host, config, files, { clock, stateDirectory });
}
