// What does a Linux machine say of itself over SSH, with nothing installed there?

import { systemClock, type Clock } from '../core/clock.ts';
import type { SshHost } from './config.ts';
import { openSshFiles } from './files/ssh.ts';
import { watchLinux } from './linux/probe.ts';
import type { HostProbe } from './probe.ts';
import { createSshConnection } from './ssh/connection.ts';

export function openSshHost(host: string, config: SshHost, { clock = systemClock }: { clock?: Clock } = {}): HostProbe {
  return watchLinux(host, config, openSshFiles(createSshConnection(host, config, { clock }), clock), clock);
}
