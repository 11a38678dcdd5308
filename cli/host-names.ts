// By which names and addresses does config know a machine?

import type { HostConfig } from '../hosts/config.ts';

/** By what it is reached at, too. */
export function namesOf(host: HostConfig | undefined): { addresses: string[]; isHere: boolean } {
  if (host === undefined) return { addresses: [], isHere: false };
  const reached =
    host.probe === 'ssh' ? [host.address.host] : host.probe === 'node-exporter' ? [new URL(host.url).hostname] : [];
  return { addresses: [...host.addresses, ...reached], isHere: host.probe === 'local' };
}
