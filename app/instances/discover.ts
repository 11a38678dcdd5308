// Proposes the desired state from running processes: a name, a cluster and a service for each.

import { isIP } from 'node:net';
import { splitAddress } from '../../brokers/address.ts';
import { addressesOf } from '../../brokers/addresses.ts';
import type { ClusterConfig, ClustersConfig } from '../../brokers/config.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { defined } from '../../core/defined.ts';
import { kindOfRole, type DesiredInstance } from '../../core/documents/instances.ts';
import type { FoundInstance } from '../../hosts/instances/find-instances.ts';

export interface Proposed {
  instances: Record<string, DesiredInstance>;
  notices: string[];
}

type Clusters = ClustersConfig;

/**
 * @param clusterIds by settings file and host: cluster.id of meta.properties
 * @param wanted cluster for instances whose cluster is unknown
 */
export function proposeInstances(
  found: readonly FoundInstance[],
  clusters: Clusters,
  clusterIds: ReadonlyMap<FoundInstance, string>,
  wanted: string | undefined,
): Proposed {
  const instances: Record<string, DesiredInstance> = {};
  const notices: string[] = [];
  for (const each of found) {
    const { host, settings, settingsFile, javaHome, startedBy, pid } = each;
    const { role, broker, port, directories, failureDomain } = settings;
    const cluster = clusterOfInstance(each, clusters, clusterIds.get(each), wanted);
    if (cluster === undefined) {
      const other = clusterOfInstance(each, clusters, clusterIds.get(each), undefined);
      const reason =
        other !== undefined
          ? `it belongs to cluster ${other}`
          : wanted !== undefined
            ? `it does not belong to cluster ${wanted}`
            : 'its cluster is unknown; name it with --cluster';
      notices.push(`${role} on host ${host} (process ${pid}) is left out: ${reason}`);
      continue;
    }
    const name = freeName(nameOf(each), instances, port);
    instances[name] = {
      cluster,
      host,
      role,
      desired: 'running',
      ...(startedBy.kind === 'supervisord' && {
        supervisord: {
          program: startedBy.program,
          sudo: startedBy.sudo,
          ...(startedBy.config !== undefined && { config: startedBy.config }),
        },
      }),
      ...(startedBy.kind === 'systemd' && { systemd: { unit: startedBy.unit, sudo: false } }),
      ...defined({ broker, port, settings: settingsFile }),
      directories: [...directories],
      ...defined({ java: javaHome, failureDomain }),
    };
    if (startedBy.kind === 'none') {
      const { reason = 'no program of supervisord or unit of systemd starts it alone' } = startedBy;
      notices.push(`${name} can be listed and not controlled: ${reason}`);
    }
  }
  return { instances, notices };
}

function clusterOfInstance(
  { settings }: FoundInstance,
  clusters: Clusters,
  clusterId: string | undefined,
  wanted: string | undefined,
): string | undefined {
  const kind = kindOfRole(settings.role);
  const alike = Object.entries(clusters).filter(([, { broker }]) => broker === kind);
  const reported = clusterId ?? settings.clusterName;
  const same = alike.filter(([, { clusterId: configured }]) => {
    if (configured === undefined || reported === undefined) return false;
    return typeof configured === 'string' ? configured === reported : configured.name === reported;
  });
  const near = same.filter(([, config]) => !isElsewhere(settings, config));
  const [only] = near.length === 1 ? near : [];
  if (only !== undefined) return wanted === undefined || wanted === only[0] ? only[0] : undefined;
  // Clusters that do not have a different configured id.
  const open = alike.filter(([, { clusterId: configured }]) => configured === undefined || reported === undefined);
  if (wanted !== undefined) return [...same, ...open].some(([name]) => name === wanted) ? wanted : undefined;
  const possible = open.filter(([, config]) => !isElsewhere(settings, config));
  return possible.length === 1 ? possible[0]?.[0] : undefined;
}

/** Many RocketMQ clusters share a name, so name servers and known brokers are also compared. */
function isElsewhere({ role, broker, port, nameServers }: FoundInstance['settings'], config: ClusterConfig): boolean {
  const { clusterId } = config;
  const { discovery, brokerId } = traitsOf(kindOfRole(role));
  if (typeof clusterId === 'string' || discovery.hasUniqueClusterId) return false;
  const servers = addressesOf(config);
  if (role === 'rocketmq-name-server')
    return port !== undefined && !servers.some((server) => splitAddress(server).port === port);
  const known = broker === undefined ? [] : (clusterId?.brokers ?? []);
  const own = `${brokerId.group(broker ?? '')}@`;
  if (known.some((each) => each.startsWith(own) && splitAddress(each).port === port)) return false;
  if (nameServers === undefined) return known.length > 0;
  return !nameServers.some((one) => servers.some((other) => mayBeSame(one, other)));
}

/** If one of the hosts is a host name or a loopback address, only the port is compared. */
function mayBeSame(one: string, other: string): boolean {
  const [a, b] = [splitAddress(one), splitAddress(other)];
  const isDistinct = (host: string) => isIP(host) !== 0 && !/^(?:127\.|::1$)/.test(host);
  return a.port === b.port && (a.host === b.host || !isDistinct(a.host) || !isDistinct(b.host));
}

function nameOf({ host, settings: { role, broker } }: FoundInstance): string {
  const kind = kindOfRole(role);
  const short = role.replace(`${kind}-`, '');
  const text =
    traitsOf(kind).copies === 'own-group' && broker !== undefined
      ? broker
      : `${role === 'kafka-broker-controller' ? 'broker' : short}-${broker ?? host}`;
  return text.replaceAll(/[^\w.-]/g, '-').replace(/^[^A-Za-z0-9_]+/, '');
}

function freeName(name: string, taken: Readonly<Record<string, unknown>>, port: number | undefined): string {
  if (!Object.hasOwn(taken, name)) return name;
  const withPort = port === undefined ? name : `${name}-${port}`;
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? withPort : `${withPort}-${number}`;
    if (!Object.hasOwn(taken, free)) return free;
  }
}
