// Renders a plan as files per host, reproducibly: settings, kernel, limits, JVM flags and service files.

import type { ByKind } from '../../core/broker-kind/registry.ts';
import { kafkaFiles } from './kafka-files.ts';
import { rocketmqFiles } from './rocketmq-files.ts';
import { usualSite, type RenderedCluster, type Site } from './site.ts';
import type { RenderedFile } from './host-files.ts';

const filesBy: ByKind<typeof kafkaFiles> = { kafka: kafkaFiles, rocketmq: rocketmqFiles };

/** @returns files by `cluster/host/file`, sorted by path */
export function renderPlan(clusters: readonly RenderedCluster[], site: Site = usualSite): RenderedFile[] {
  return clusters
    .flatMap((plan) =>
      [...filesBy[plan.broker](plan, site)].flatMap(([host, files]) =>
        files.map(({ path, text }) => ({ path: `${plan.name}/${host}/${path}`, text })),
      ),
    )
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
