// Opens the pages defined by a config: clusters and hosts with their options.

import { join } from 'node:path';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import type { ClusterInspector, Io } from '../../brokers/driver.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { createBrokerHosts, type BrokerHosts } from '../../exporter/broker-hosts.ts';
import { createCanaries, type CanaryCluster } from '../../exporter/canary/canaries.ts';
import { compatibilities } from '../../exporter/compatibility/registry.ts';
import { limitsOf } from '../../exporter/config.ts';
import { discoverClusters } from '../../exporter/discovery.ts';
import { createLagClock, type LagClock } from '../../exporter/lag/lag-clock.ts';
import { inspectLazily } from '../../exporter/lazy-inspector.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { createOtlpPush, type OtlpCounts } from '../../exporter/otlp/push.ts';
import { createProber } from '../../exporter/probe.ts';
import { createProcessMetrics } from '../../exporter/process-metrics.ts';
import type { FamilySource } from '../../exporter/prom-client-families.ts';
import { collectors } from '../../exporter/registry.ts';
import type { ReloadMetrics } from '../../exporter/reload-metrics.ts';
import type { LastTargets } from '../../exporter/target-list.ts';
import type { WatchedCluster } from '../../exporter/target.ts';
import type { Shards } from '../../exporter/shards/shards.ts';
import { watchIowait } from '../../exporter/watch-iowait.ts';
import type { HostProbe } from '../../hosts/probe.ts';
import { openHost } from '../../hosts/registry.ts';
import type { Config } from '../config/config-file.ts';
import { namesOf } from '../observe/host-names.ts';
import { clusterOn } from './host-clusters.ts';

/** Canaries and push are not started yet. */
export type ExporterPages = ReturnType<typeof openExporterPages>;

/** Additional consumers of cluster and host readings; requests are forwarded. */
export interface Listeners {
  hearCluster(name: string, inspector: ClusterInspector): ClusterInspector;
  hearHost(name: string, probe: HostProbe): HostProbe;
  /** Receives lag in seconds for the readings of a cluster. */
  hearLags(name: string, lagClock: Pick<LagClock, 'observe'>): void;
  /** Additional families on the metrics page. */
  families: FamilySource;
}

/** Created once, because a second set of observers of the same process would count twice. */
const processMetrics = createProcessMetrics();
/** Kept across config reloads, so that clusters of an unreadable list stay. */
const lastTargets: LastTargets = new Map();
/** Kept across config reloads: without a state file, these are the only copy of their history. */
const lagClocks = { listed: new Map<string, LagClock>(), probed: new Map<string, LagClock>() };

/** @param parts.stateDirectory for data that survives a restart */
export function openExporterPages(
  config: Config,
  parts: {
    clock: Clock;
    log: Logger;
    stateDirectory: string;
    listeners?: Listeners;
    /** Result of the last config reload. */
    reloadMetrics?: ReloadMetrics['families'];
    otlpCounts: OtlpCounts;
    /** Absent if this exporter shows everything. */
    shards?: Pick<Shards, 'owns' | 'families'>;
    /** Name of this instance among those with the same clusters. */
    instance: string;
  },
) {
  const { clock, log, stateDirectory, listeners, reloadMetrics, otlpCounts, shards, instance } = parts;
  const { exporter } = config;
  const resources = new AsyncDisposableStack();
  const registry = {
    ...collectors,
    ...Object.fromEntries(exporter.compatibility.map((name) => [name, compatibilities[name]])),
  };
  const unnamed = { modules: exporter.modules, open: inspect, limits: limitsOf(exporter), clock, log };
  const discovery = resources.use(
    discoverClusters({
      ...unnamed,
      lists: exporter.targets,
      lastTargets,
      lagClocks: lagClocks.listed,
      configured: new Set(Object.keys(config.clusters)),
    }),
  );
  const canaries = resources.use(createCanaries(canaryClusters(config, shards), { clock, log }));
  const joins = createBrokerHosts(
    Object.fromEntries(Object.entries(config.clusters).map(([name, { brokers }]) => [name, brokers])),
    clock,
    shards?.owns,
  );
  const clusters = Object.entries(config.clusters).map(([name, cluster]) => {
    const lagClock = resources.use(
      createLagClock({
        clock,
        log: log.child({ cluster: name }),
        stateFile: join(stateDirectory, 'lag', encodeURIComponent(name)),
      }),
    );
    listeners?.hearLags(name, lagClock);
    const inspector = observedBy(listeners, name, resources.use(inspectLazily((io) => inspect(name, cluster, io))));
    return {
      name,
      kind: cluster.broker,
      inspector: joins.hearCluster(name, inspector),
      lagClock,
      ...limitsOf(exporter, name),
    };
  });
  const page = createMetricsPage({
    clusters,
    hosts: Object.entries(config.hosts).map(([name, host]) => ({
      name,
      cluster: clusterOn(name, config),
      probe: joins.hearHost(
        name,
        sparingBrokersOn(
          name,
          hostObservedBy(listeners, name, resources.use(openHost(name, host, { stateDirectory }))),
          joins,
          clusters,
        ),
        namesOf(host),
      ),
    })),
    discover: (io) => discovery.clusters(io),
    clock,
    log,
    metrics: [
      canaries.families,
      joins.families,
      shards?.families,
      reloadMetrics && (() => reloadMetrics(discovery.hasUnreadList())),
      exporter.otlp && otlpCounts.families,
      listeners?.families,
      processMetrics,
    ].filter((source) => source !== undefined),
    ...(shards && { owns: shards.owns }),
    registry,
  });
  const push =
    exporter.otlp && resources.use(createOtlpPush(exporter.otlp, { page, counts: otlpCounts, instance, clock, log }));
  const prober = resources.use(createProber({ ...unnamed, lagClocks: lagClocks.probed, registry }));
  const groupsOf = new Map(
    Object.entries(config.clusters).map(([name, cluster]) => {
      const { shown } = limitsOf(exporter, name);
      return [name, { shown, open: (io: Io) => driverOf(cluster).lookUp(name, cluster, io) }];
    }),
  );
  return {
    page,
    prober,
    canaries,
    groupsOf,
    ...(push && { push }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const observedBy = (listeners: Listeners | undefined, name: string, inspector: ClusterInspector) =>
  listeners?.hearCluster(name, inspector) ?? inspector;

const hostObservedBy = (listeners: Listeners | undefined, name: string, probe: HostProbe) =>
  listeners?.hearHost(name, probe) ?? probe;

/** Only essential data is read from brokers whose host waits for its disks. */
function sparingBrokersOn(
  host: string,
  probe: HostProbe,
  joins: Pick<BrokerHosts, 'brokersOn'>,
  clusters: readonly Pick<WatchedCluster, 'name' | 'inspector'>[],
): HostProbe {
  return watchIowait(probe, (iowaitRatio) => {
    for (const { cluster, broker } of joins.brokersOn(host)) {
      clusters.find(({ name }) => name === cluster)?.inspector.observe?.(broker, { iowaitRatio });
    }
  });
}

function canaryClusters({ clusters, exporter }: Config, shards?: Pick<Shards, 'owns'>): CanaryCluster[] {
  return Object.entries(clusters).flatMap(([name, cluster]) => {
    const canary = exporter.clusters[name]?.canary;
    if (canary === undefined) return [];
    return {
      cluster: name,
      config: canary,
      open: (io: Io) => driverOf(cluster).traffic(name, cluster, io),
      ...(shards && { isOurs: () => shards.owns(name) }),
    };
  });
}

function inspect(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterInspector> {
  return driverOf(cluster).inspect(name, cluster, io);
}
