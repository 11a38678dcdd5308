// Lists the machines of a cluster with their zones.

import type { ByKind } from '../../../core/broker-kind/registry.ts';
import type { ClusterPlan, PlannedBroker } from '../../../core/documents/cluster-plan.ts';
import { type Build, hasControllers, hasFailover } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

type Hosts = Pick<ClusterPlan, 'brokers' | 'zones' | 'nameServers' | 'controllers'>;

const letters = 'abcdefghijklmnopqrstuvwxyz';
/** `a` to `z`, then `aa`. */
const groupLetter = (group: number): string =>
  group < 26 ? (letters[group] as string) : groupLetter(Math.floor(group / 26) - 1) + groupLetter(group % 26);

/** Brokers alternate over the zones; the members of a group are spread over as many zones as exist, starting with the next zone each time. */
export function hostsOf(
  cluster: string,
  build: Build,
  masters: number,
  zoneCount: number,
  policy: SizingPolicy,
): Hosts {
  const zones = Array.from({ length: zoneCount }, (_, zone) => `zone-${zone + 1}`);
  const zoneAt = (index: number) => (zoneCount > 1 ? { zone: zones[index % zoneCount] as string } : {});
  const singles = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ host: `${cluster}-${kind}-${index + 1}`, ...zoneAt(index) }));
  return { zones, ...hostsBy[build.broker](build, { cluster, masters, policy, zoneAt, singles }) };
}

interface Site {
  cluster: string;
  masters: number;
  policy: SizingPolicy;
  zoneAt(index: number): Pick<PlannedBroker, 'zone'>;
  singles(kind: string, count: number): NonNullable<Hosts['controllers']>;
}

const hostsBy: ByKind<(build: Build, site: Site) => Omit<Hosts, 'zones'>> = {
  kafka: (_build, { cluster, masters, policy, zoneAt, singles }) => ({
    brokers: Array.from({ length: masters }, (_, index) => ({
      host: `${cluster}-broker-${index + 1}`,
      role: 'broker',
      // Controllers have the lowest ids.
      brokerId: 100 + index + 1,
      ...zoneAt(index),
    })),
    controllers: singles('controller', policy.controllers.value),
  }),
  rocketmq: ({ mode, replicas }, { cluster, masters, policy, zoneAt, singles }) => ({
    brokers: Array.from({ length: masters }, (_, group) =>
      Array.from({ length: replicas }, (_each, copy): PlannedBroker => {
        const name = `broker-${groupLetter(group)}`;
        return {
          host: `${cluster}-${name}-${copy}`,
          role: hasFailover({ mode }) ? 'member' : copy === 0 ? 'master' : 'slave',
          brokerId: copy,
          group: name,
          ...zoneAt(group + copy),
        };
      }),
    ).flat(),
    nameServers: singles('namesrv', policy.nameServers.value),
    ...(hasControllers({ mode }) && { controllers: singles('controller', policy.controllers.value) }),
  }),
};
