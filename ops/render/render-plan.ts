// What does a plan mean on each host? Files: settings, kernel, limits, JVM flags and units; the same bytes for the same plan.

import type { ClusterPlan } from '../../core/documents/cluster-plan.ts';
import { kafkaFiles } from './kafka-files.ts';
import { rocketmqFiles } from './rocketmq-files.ts';
import { usualSite, type Site } from './site.ts';
import type { RenderedFile } from './host-files.ts';

/** @returns files by `cluster/host/file`, in the order of paths */
export function renderPlan(clusters: readonly ClusterPlan[], site: Site = usualSite): RenderedFile[] {
  return clusters
    .flatMap((plan) => {
      const hosts = plan.broker === 'kafka' ? kafkaFiles(plan, site) : rocketmqFiles(plan, site);
      return [...hosts].flatMap(([host, files]) =>
        files.map(({ path, text }) => ({ path: `${plan.name}/${host}/${path}`, text })),
      );
    })
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}
