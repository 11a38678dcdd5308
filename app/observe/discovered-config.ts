// Renders a commented config file for a discovered cluster.

import { networkInterfaces } from 'node:os';
import { clusterIdLine, clusterIdOf, type ClusterId } from '../../brokers/cluster-id.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { Broker, Cluster } from '../../core/cluster.ts';
import { readDefaultPolicy } from '../../core/policy/policy.ts';

export interface Discovered {
  cluster: Cluster;
  /** Brokers of Kafka, or name servers of RocketMQ. */
  addresses: readonly string[];
  tls?: { ca?: string };
  sasl?: { mechanism: string; username: string; passwordVariable: string };
  /** For RocketMQ. */
  credentials?: { accessKey: string; secretKeyVariable: string };
  /** Path of the JSON Schema relative to the file, for editor completion. */
  schema?: string;
}

export function renderDiscoveredConfig({ cluster, addresses, tls, sasl, credentials, schema }: Discovered): string {
  const { name, kind, brokers, version } = cluster;
  const id = clusterIdOf(cluster);
  const { limits } = readDefaultPolicy();
  return `${schema === undefined ? '' : `# yaml-language-server: $schema=${schema}\n`}# Written by \`plimsoll init\`; \`plimsoll config check\` checks it after an edit.
clusters:
  ${text(name)}:${version === undefined ? '' : ` # version ${version}`}
    broker: ${kind}
    ${traitsOf(kind).discovery.key}: [${knownAddresses(cluster, addresses).map(text).join(', ')}]
${id === undefined ? '' : renderClusterId(id)}${tls === undefined ? '' : renderTls(tls)}${sasl === undefined ? '' : renderSasl(sasl)}${credentials === undefined ? '' : renderCredentials(credentials)}    # The machine that each broker runs on. Capacity is computed from these machines.
    # An address is only what the broker advertises: behind a virtual IP, NAT or a container's port mapping
    # it is not the machine. Write the name of the machine, from \`hosts\` below.
${renderJoins(brokers)}${withoutPermission}
hosts:
  local: # this machine
    probe: local
    # network:
    #   devices: [eth0] # the cards that carry the cluster's traffic; default: the physical ones
    #   speed: 1gbit # needed if the card does not report it (virtual machines), with its source:
    #   speedSource: contract of the cloud provider

loadgen:
  host: local # \`plimsoll run\` runs on this machine: its traffic to a broker on the same machine uses no network card

exporter:
  listen: 127.0.0.1:18760 # where \`plimsoll exporter\` serves /metrics

# analyzer:
#   policy: # the share of a capacity that counts as safe; the defaults are cited in core/policy/default.yaml
#     cpu: ${Math.round(100 * limits.cpu.value)}%
#     network: ${Math.round(100 * limits['network-out'].value)}%
`;
}

/** So many brokers are named that the config still works while some are down. */
const mostBootstrap = 3;

function knownAddresses({ kind, brokers }: Cluster, given: readonly string[]): readonly string[] {
  if (traitsOf(kind).discovery.of !== 'brokers') return given;
  const all = new Set([...given, ...brokers.map(({ address }) => address)]);
  return [...all].slice(0, Math.max(mostBootstrap, given.length));
}

/** A comment, because only the owner of a cluster may permit load, never a command. */
const withoutPermission = `    # loadTest: # without this, no load is sent; the owner of the cluster fills it in
    #   window: { from: "01:00", to: "05:00", timeZone: Asia/Shanghai } # or: always
    #   maxTps: 20000 # messages per second, all workers together
    #   maxNicShare: 60% # of each broker's link, other traffic included
    #   topicPrefix: plimsoll-
    #   approver: NAME
`;

/** Id that the brokers must report before anything is sent or changed. */
const renderClusterId = (id: ClusterId) =>
  `    # As the brokers report it: load tests and --execute refuse any other cluster.\n    ${clusterIdLine(id)}\n`;

function renderTls({ ca }: NonNullable<Discovered['tls']>): string {
  return `    tls: {${ca === undefined ? '' : ` ca: ${text(ca)} `}}\n`;
}

function renderSasl({ mechanism, username, passwordVariable }: NonNullable<Discovered['sasl']>): string {
  return `    sasl: { mechanism: ${mechanism}, username: ${text(username)}, password: "\${env:${passwordVariable}}" }\n`;
}

function renderCredentials({ accessKey, secretKeyVariable }: NonNullable<Discovered['credentials']>): string {
  return `    credentials: { accessKey: ${text(accessKey)}, secretKey: "\${env:${secretKeyVariable}}" }\n`;
}

function renderJoins(brokers: readonly Broker[]): string {
  const line = (isSure: boolean, yaml: string) => `    ${isSure ? '' : '# '}${yaml}\n`;
  // A key whose entries are all comments would be null, so it is a comment too.
  const head = line(brokers.some(isOnThisMachine), 'brokers:');
  return head + brokers.map((broker) => line(isOnThisMachine(broker), `  ${renderJoin(broker)}`)).join('');
}

function renderJoin(broker: Broker): string {
  const { id, address, rack } = broker;
  const advertised = `advertises ${address}${rack === undefined ? '' : `, rack ${rack}`}`;
  return isOnThisMachine(broker)
    ? `${text(id)}: { host: local } # ${advertised}: this machine, unless a container or tunnel listens there`
    : `${text(id)}: { host: NAME } # ${advertised}`;
}

function isOnThisMachine({ address }: Broker): boolean {
  const host = address.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true;
  return ownAddresses().includes(host);
}

/** @returns an empty list if netlink is forbidden, as in a sandbox */
function ownAddresses(): string[] {
  try {
    return Object.values(networkInterfaces()).flatMap((own) => own?.map(({ address }) => address) ?? []);
  } catch {
    return [];
  }
}

/** JSON strings are valid YAML strings. */
function text(value: string): string {
  return /^[A-Za-z][\w-]*$/.test(value) ? value : JSON.stringify(value);
}
