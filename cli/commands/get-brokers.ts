// Implements `plimsoll get brokers`: brokers with leaders and disk use.

import { detailsOf, reportedBy } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { reportOn, reportOptions } from '../cluster-report.ts';
import { defineCommand } from '../command.ts';
import { defined } from '../../core/defined.ts';
import { bytesText, countText, ifKnown, percentText } from '../../core/text/quantity-text.ts';
import { gapsIn } from '../report.ts';
import { named } from '../../core/text/bilingual.ts';
import { type CellsOf, tableOf } from '../../core/text/table.ts';

export const getBrokersCommand = defineCommand({
  options: reportOptions('cluster, brokers, nameServers?'),
  examples: ['plimsoll get brokers', 'plimsoll get brokers --namesrv 10.0.0.5:9876', 'plimsoll get brokers --json'],

  run: (io) =>
    reportOn(io, async ({ inspect, colours }) => {
      const inspector = await inspect();
      const snapshot = await inspector.snapshot(io);
      const { name: cluster, kind, version, clusterId, controllerId } = snapshot.cluster;
      const brokers = brokersIn(snapshot);
      const servers = detailsOf(snapshot).nameServers;
      const facts = [kind, version, clusterId === undefined ? undefined : `id ${clusterId}`].filter(Boolean).join(', ');
      return {
        json: {
          cluster: { name: cluster, kind, version, clusterId, controllerId },
          brokers,
          ...(servers !== undefined && { nameServers: servers }),
        },
        text: [
          `${cluster}: ${facts}${controllerId === undefined ? '' : `; controller ${controllerId}`}\n`,
          tableOf(brokers, cells, { colours }),
          ...(servers ?? []).map(
            ({ address, reachable }) => `name server ${address}${reachable ? '' : ' (not reachable)'}\n`,
          ),
        ].join(''),
        notices: [...gapsIn(snapshot), ...brokers.flatMap(cordonNotice)],
      };
    }),
});

const cells: CellsOf<BrokerRow> = {
  BROKER: ({ id }) => id,
  ADDRESS: ({ address }) => address ?? 'not listed',
  'ROLE/RACK': ({ role, rack }) => role ?? rack,
  VERSION: ({ version }) => version,
  '>LEADS': ({ leads }) => countText(leads),
  '>NOT IN SYNC': ({ lagging }) => ifKnown(lagging, countText),
  '>STORED': ({ storedBytes }) => ifKnown(storedBytes, bytesText),
  '>DISK USED': ({ diskUsedRatio }) => ifKnown(diskUsedRatio, percentText),
};

interface BrokerRow {
  id: string;
  /** Absent for a broker that is not listed: for replicas, the cluster reports only the id. */
  address?: string;
  listed: boolean;
  rack?: string;
  role?: string;
  version?: string;
  /** Partitions or queues that it leads, and those in which it is out of sync as a follower. */
  leads: number;
  /** Absent if it did not respond, so that the number is unknown. */
  lagging?: number;
  storedBytes?: bigint;
  diskUsedRatio?: number;
  /** Log directories that get no new replicas. */
  cordonedDirs?: string[];
}

const cordonNotice = ({ id, cordonedDirs: paths }: BrokerRow): string[] =>
  paths === undefined ? [] : [`broker ${id}: cordoned.log.dirs keeps new replicas out of ${named(paths)}`];

function brokersIn(snapshot: ClusterSnapshot): BrokerRow[] {
  const partitions = snapshot.topics.flatMap((topic) => topic.partitions);
  const { logDirectories = [], topicSizes = [] } = detailsOf(snapshot);
  const listed = snapshot.cluster.brokers.map((broker) => ({ ...broker, listed: true }));
  const ids = new Set(listed.map(({ id }) => id));
  const missing = new Set(partitions.flatMap(({ replicas }) => replicas).filter((id) => !ids.has(id)));
  const inOrder = [...missing].toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  return [...listed, ...inOrder.map((id) => ({ id, listed: false }))].map((broker) => {
    const { id } = broker;
    const { role, version, storedBytes, diskUsedRatio } = reportedBy(snapshot).broker(snapshot, id);
    const sizes = topicSizes.filter((each) => each.broker === id);
    const ofTopics = sizes.length > 0 ? sizes.reduce((sum, { bytes }) => sum + bytes, 0n) : undefined;
    const cordoned = logDirectories.flatMap((each) => (each.broker === id && each.isCordoned ? [each.path] : []));
    const copies = partitions.filter(({ replicas }) => replicas.includes(id));
    return {
      ...broker,
      leads: partitions.filter(({ leader }) => leader === id).length,
      ...(!copies.some(({ unknownReplicas }) => unknownReplicas?.includes(id)) && {
        lagging: copies.filter(({ inSyncReplicas }) => !inSyncReplicas.includes(id)).length,
      }),
      ...defined({ role, version, storedBytes: storedBytes ?? ofTopics, diskUsedRatio }),
      ...(cordoned.length > 0 && { cordonedDirs: cordoned }),
    };
  });
}
