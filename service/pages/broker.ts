// Serves the page of a broker with its settings.

import type { RequestHandler } from 'express';
import { masterId } from '../../core/broker-kind/rocketmq.ts';
import { behindOf, commitLogEnds } from '../../exporter/collectors/rocketmq/commit-log-ends.ts';
import { shownValue } from '../../core/secret-settings.ts';
import { detailsOf } from '../../brokers/reported.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { defined } from '../../core/defined.ts';
import { renderBrokerPage, type BrokerContent } from '../../dashboards/web/cluster/broker-page.ts';
import type { BrokerRow } from '../../dashboards/web/cluster/cluster-view.ts';
import type { Site } from '../../dashboards/web/site.ts';
import { settingRows, shownSides, sidesTogether } from '../clusters/shown-settings.ts';
import { brokerRows, partitionsAtMinimum, withInstance } from '../clusters/snapshot-rows.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { brokerReadings, recentReadings, type RecentParts } from './shown-readings.ts';
import { mapAnswer, type Lookups } from '../clusters/lookups.ts';
import { readSettings } from './settings.ts';
import { pageOfCluster } from './served-page.ts';

type BrokerParts = RecentParts & Pick<ServiceParts, 'clusters' | 'policy' | 'instances'> & { lookups: Lookups };

export function createBrokerPage(
  { clusters, lookups, policy, instances, ...parts }: BrokerParts,
  site: Site,
): RequestHandler {
  return pageOfCluster(clusters, site, async (served, view, params) => {
    const content = await brokerContent(served, String(params['broker']), lookups);
    if (content === undefined) return undefined;
    const about = { id: content.broker.id, receives: content.slaveOf === undefined };
    const recent = recentReadings(served.name, {}, view, parts, (kept, query) =>
      brokerReadings(kept, about, query, policy),
    );
    const broker = withInstance(content.broker, served.name, instances);
    return renderBrokerPage({ ...content, readings: recent, broker }, view);
  });
}

export async function brokerContent(
  served: ServedCluster,
  id: string,
  lookups: Lookups,
): Promise<BrokerContent | undefined> {
  const last = served.last();
  const rows = brokerRows(last?.snapshot, served.presence(), served.traffic(), undefined);
  const broker = rows.find((row) => row.id === id);
  if (last === undefined || broker === undefined) return undefined;
  const { snapshot, at } = last;
  const slaveOf = replicationOf(snapshot, broker);
  return {
    cluster: served.name,
    kind: served.broker,
    ...(slaveOf && { slaveOf }),
    readAt: at.toISOString(),
    broker,
    atMinimum: partitionsAtMinimum(snapshot).get(id) ?? 0,
    held: heldBy(snapshot, id),
    parts: snapshot.sections
      .filter((section) => section.broker === id)
      .map(({ section, kind, ageSeconds, reason }) => defined({ part: section, kind, ageSeconds, reason })),
    logDirectories: directoriesOf(snapshot, id),
    runtime: Array.from(detailsOf(snapshot).brokers?.find((each) => each.id === id)?.runtime ?? [], ([key, value]) => [
      key,
      shownValue(key, value),
    ]),
    answer: mapAnswer(await readSettings(served, lookups), ({ processes, differences, notices }) => ({
      differences: differences
        .filter(({ of, sides }) => of === 'broker' && sides[id] !== undefined)
        .map(({ setting, sides }) => ({ setting, values: sidesTogether(shownSides(setting, sides)) })),
      all: settingRows(processes.filter((process) => process.of === 'broker' && process.id === id)),
      notices,
    })),
  };
}

function heldBy({ topics }: ClusterSnapshot, id: string): BrokerContent['held'] {
  const held = topics.flatMap(({ partitions }) => partitions).filter(({ replicas }) => replicas.includes(id));
  return { partitions: held.length, topics: new Set(held.map(({ topic }) => topic)).size };
}

function directoriesOf(snapshot: ClusterSnapshot, id: string): BrokerContent['logDirectories'] {
  return (detailsOf(snapshot).logDirectories ?? [])
    .filter(({ broker }) => broker === id)
    .map(({ path, totalBytes, usableBytes, error, isCordoned }) => ({
      path,
      ...(totalBytes !== undefined && { totalBytes: Number(totalBytes) }),
      ...(usableBytes !== undefined && { usableBytes: Number(usableBytes) }),
      ...(error !== undefined && { error }),
      ...(isCordoned === true && { isCordoned }),
    }));
}

/**
 * @returns the id of the master of a RocketMQ slave, and the replication lag in bytes if both report the end of their
 *   commit log
 */
function replicationOf(snapshot: ClusterSnapshot, { id, role, group }: BrokerRow): BrokerContent['slaveOf'] {
  if (role !== 'slave' || group === undefined) return undefined;
  // Masters have the broker id 0.
  const master = masterId(group);
  const ends = commitLogEnds(snapshot);
  const behind = behindOf(ends.get(master), ends.get(id));
  return { master, ...(behind !== undefined && { behindBytes: Number(behind) }) };
}
