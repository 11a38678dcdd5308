// Which config fits a cluster that was just discovered? Commented for the one who has to put the host joins right.

import { networkInterfaces } from 'node:os';
import type { Broker, Cluster } from '../core/cluster.ts';

export interface Discovered {
  cluster: Cluster;
  bootstrap: readonly string[];
  sasl?: { mechanism: string; username: string; passwordVariable: string };
  /** Path of the JSON Schema as seen from the file, for editor completion. */
  schema?: string;
}

export function renderDiscoveredConfig({ cluster, bootstrap, sasl, schema }: Discovered): string {
  const { name, kind, brokers, version, clusterId } = cluster;
  const isHere = new Set(brokers.filter(({ address }) => isOwnAddress(hostOf(address))).map(({ id }) => id));
  const known = [version === undefined ? undefined : `version ${version}`, clusterId && `id ${clusterId}`].filter(
    Boolean,
  );
  return `${schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`}# Written by \`plimsoll init\`; \`plimsoll config check\` tells whether it is still right after an edit.
clusters:
  ${text(name)}:${known.length === 0 ? '' : ` # ${known.join(', ')}`}
    broker: ${kind}
    bootstrap: [${bootstrap.map(text).join(', ')}]
${sasl === undefined ? '' : renderSasl(sasl)}    # Which machine does each broker run on? Capacity is judged by the machines named here.
    # An address is only what the broker advertises: behind a virtual IP, NAT or a container's port mapping
    # it is not the machine. Put the name of the real one, from \`hosts\` below.
    brokers:${isHere.size === 0 ? ' {}' : ''}
${brokers.map((broker) => renderJoin(broker, isHere.has(broker.id))).join('')}
hosts:${isHere.size === 0 ? ' {}' : ''}
${renderHosts(isHere.size > 0)}
exporter:
  listen: 127.0.0.1:18760 # where \`plimsoll exporter\` serves /metrics

# analyzer:
#   policy: # the share of a capacity that counts as safe; the defaults are cited in analyzer/policy/default.yaml
#     cpu: 70%
#     network: 80%
`;
}

function renderSasl({ mechanism, username, passwordVariable }: NonNullable<Discovered['sasl']>): string {
  return `    sasl: { mechanism: ${mechanism}, username: ${text(username)}, password: "\${env:${passwordVariable}}" }\n`;
}

function renderJoin({ id, address, rack }: Broker, isHere: boolean): string {
  const seen = `# advertises ${address}${rack === undefined ? '' : `, rack ${rack}`}`;
  return isHere
    ? `      ${text(id)}: { host: local } ${seen}: this machine, unless a container or tunnel listens there\n`
    : `      # ${text(id)}: { host: ${text(hostOf(address))} } ${seen}\n`;
}

function renderHosts(anyHere: boolean): string {
  const local = `  local: # this machine
    probe: local
    # network:
    #   devices: [eth0] # the cards that carry the cluster's traffic; default: the physical ones
    #   speed: 1gbit # state it where the card does not know it (virtual machines), with where you have it from:
    #   speedSource: contract of the cloud provider
`;
  return anyHere ? local : local.replace(/^/gm, '  # ').replace(/ +# $/gm, '').replaceAll('  #   ', '  # ');
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
}

function isOwnAddress(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === host));
}

/** JSON strings are YAML strings, whatever they hold. */
function text(value: string): string {
  return /^[A-Za-z][\w-]*$/.test(value) ? value : JSON.stringify(value);
}
