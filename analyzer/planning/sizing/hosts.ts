// Which machines is a cluster made of, and in which zones do they stand?

import type { ClusterPlan, PlannedBroker } from '../../../core/documents/cluster-plan.ts';
import type { Build } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';

type Hosts = Pick<ClusterPlan, 'brokers' | 'zones' | 'nameServers' | 'controllers'>;

const zoneName = (zone: number) => `zone-${zone + 1}`;
const letters = 'abcdefghijklmnopqrstuvwxyz';
/** `a` to `z`, then `aa`. */
const groupLetter = (group: number): string =>
  group < 26 ? (letters[group] as string) : groupLetter(Math.floor(group / 26) - 1) + groupLetter(group % 26);

/** Brokers go round the zones; the members of a group stand in as many zones as there are, its first in the next one each time. */
export function hostsOf(
  cluster: string,
  { broker, mode, replicas }: Build,
  masters: number,
  zoneCount: number,
  policy: SizingPolicy,
): Hosts {
  const zones = Array.from({ length: zoneCount }, (_, zone) => zoneName(zone));
  const zoneAt = (index: number) => (zoneCount > 1 ? { zone: zones[index % zoneCount] as string } : {});
  const singles = (kind: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ host: `${cluster}-${kind}-${index + 1}`, ...zoneAt(index) }));
  if (broker === 'kafka') {
    const brokers = Array.from({ length: masters }, (_, index): PlannedBroker => ({
      host: `${cluster}-broker-${index + 1}`,
      role: 'broker',
      // Controllers take the first ids.
      brokerId: 100 + index + 1,
      ...zoneAt(index),
    }));
    return { brokers, zones, controllers: singles('controller', policy.controllers.value) };
  }
  const isElected = mode === 'dledger' || mode === 'controller';
  const brokers = Array.from({ length: masters }, (_, group) =>
    Array.from({ length: replicas }, (_each, copy): PlannedBroker => {
      const name = `broker-${groupLetter(group)}`;
      return {
        host: `${cluster}-${name}-${copy}`,
        role: isElected ? 'member' : copy === 0 ? 'master' : 'slave',
        brokerId: copy,
        group: name,
        ...zoneAt(group + copy),
      };
    }),
  ).flat();
  return {
    brokers,
    zones,
    nameServers: singles('namesrv', policy.nameServers.value),
    ...(mode === 'controller' && { controllers: singles('controller', policy.controllers.value) }),
  };
}
