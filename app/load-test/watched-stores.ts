// Lists the folders whose free space the load guard watches, and the brokers without one.

import type { HostProbe } from '../../hosts/probe.ts';
import type { BrokerCoverage } from '../../loadgen/guard/readiness.ts';
import type { BrokerLimits } from './broker-settings.ts';

const inContainer =
  'it runs in a container or reports a disk of another size or with other free space, so the mounts of its host do not show its storage folder';

/**
 * @param probes of the hosts that the run monitors, by name
 * @returns stores without a probe where the broker reports its disks, and its host does not show them
 */
export function watchedStores(
  brokers: readonly Pick<BrokerCoverage, 'broker' | 'host' | 'isContained' | 'reportsDiskUse'>[],
  { stores, processes, reasons }: Pick<BrokerLimits, 'stores' | 'processes' | 'reasons'>,
  probes: ReadonlyMap<string, HostProbe>,
) {
  const watched: (BrokerLimits['stores'][number] & { probe?: HostProbe })[] = [];
  const unwatched: { broker: string; reason: string }[] = [];
  for (const { broker, host, isContained = false, reportsDiskUse } of brokers) {
    const own = stores.filter((store) => store.broker === broker);
    const probe = host === undefined ? undefined : probes.get(host);
    if ((probe === undefined || isContained) && reportsDiskUse && own.length > 0) watched.push(...own);
    else if (probe === undefined) unwatched.push({ broker, reason: 'its host is unknown' });
    else if (isContained) unwatched.push({ broker, reason: inContainer });
    else if (own.length > 0) watched.push(...own.map((store) => ({ ...store, probe })));
    else {
      const isRead = processes.some(({ id }) => id === broker);
      const unread = reasons?.get(broker)?.message ?? 'its settings could not be read';
      unwatched.push({ broker, reason: isRead ? 'its settings name no storage folder' : unread });
    }
  }
  return { stores: watched, unwatched };
}
