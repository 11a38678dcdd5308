// Lists the names and addresses of a host in the config.

import type { HostConfig } from '../../hosts/config.ts';

/** By what it is reached at, too. */
export function namesOf(host: HostConfig | undefined): { addresses: string[]; isHere: boolean } {
  if (host === undefined) return { addresses: [], isHere: false };
  const reached =
    host.probe === 'ssh' ? [host.address.host] : host.probe === 'node-exporter' ? [new URL(host.url).hostname] : [];
  return { addresses: [...host.addresses, ...reached], isHere: host.probe === 'local' };
}
