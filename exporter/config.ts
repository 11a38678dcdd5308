// Defines the config section `exporter`: listen address, names to show, limits, probe modules.

import { z } from 'zod';
import { CanaryConfig } from '../brokers/canary/config.ts';
import { type ClusterCollectorName, clusterCollectors } from './collector-list.ts';
import { TargetList } from './target-list.ts';
import { ModuleConfig } from './modules.ts';
import { NameFilter } from './name-filter.ts';
import { OtlpConfig } from './otlp/config.ts';
import { ShardsConfig } from './shards/config.ts';
import type { WatchedCluster } from './target.ts';

/**
 * 9100–9999, the range that Prometheus allocates to exporters, is full (github.com/prometheus/prometheus/wiki/Default-port-allocations).
 * The Merchant Shipping Act that made Plimsoll's line law is of 1876; 18760 is outside that range and below the
 * ephemeral ports of Linux (from 32768).
 */
const defaultListen = '127.0.0.1:18760';

/** A page of this size is about 90 MB; the Prometheus of a small team stores a few times as many series. */
const defaultMaxSeries = 1_000_000;

/** `HOST:PORT`, `[IPv6]:PORT` or `:PORT`; without a host the loopback. @returns undefined for other text */
export function parseListenAddress(text: string) {
  const [, ipv6, host, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  return { host: ipv6 ?? (host === undefined || host === '' ? '127.0.0.1' : host), port };
}

/** @param host without brackets */
export const isLoopback = (host: string) => /^127\.\d+\.\d+\.\d+$|^::1$|^localhost$/i.test(host);

export const ListenAddressText = z
  .string()
  .refine(
    (text) => parseListenAddress(text) !== undefined,
    'write HOST:PORT with a port of at most 65535, such as 127.0.0.1:18760',
  )
  .describe('HOST:PORT; port 0 takes any free one, without HOST the loopback is meant');

/** Other exporters whose metrics can be served too. */
const compatibilityNames = ['kminion', 'rocketmq-exporter'] as const;
export type CompatibilityName = (typeof compatibilityNames)[number];

const ShownConfig = z.strictObject({
  collectors: z
    .array(z.enum(Object.keys(clusterCollectors) as ClusterCollectorName[]))
    .min(1)
    .optional()
    .describe('only these collectors (default: all); docs/reference/metrics.md lists them with their metrics'),
  topics: NameFilter.optional().describe('topics that have series'),
  groups: NameFilter.optional().describe('consumer groups that have series'),
  maxSeries: z
    .int()
    .min(100)
    .optional()
    .describe('limit of series; above it, series of partitions are dropped first, then of topics, then of groups'),
});
type ShownConfig = z.infer<typeof ShownConfig>;

const OneClusterConfig = ShownConfig.extend({ canary: CanaryConfig.optional() });

export const ExporterConfig = z
  .strictObject({
    listen: ListenAddressText.default(defaultListen),
    everyCluster: ShownConfig.default({}).describe('default for all clusters'),
    clusters: z.record(z.string(), OneClusterConfig).default({}).describe('settings of one cluster, by its name'),
    compatibility: z
      .array(z.enum(compatibilityNames))
      .default([])
      .describe('exporters whose metric names are added, for existing dashboards; docs/reference/compatibility.md'),
    modules: z.record(z.string(), ModuleConfig).default({}).describe('connection settings for /probe and target lists'),
    targets: z.array(TargetList).default([]).describe('dynamic lists of clusters'),
    otlp: OtlpConfig.optional(),
    shards: ShardsConfig.optional().describe('exporters that share the clusters and hosts of this config'),
  })
  .prefault({});
export type ExporterConfig = z.infer<typeof ExporterConfig>;

type Limits = Required<Pick<WatchedCluster, 'shown' | 'maxSeries'>> & Pick<WatchedCluster, 'chosen'>;

/** @param name absent for a cluster that the config does not name */
export function limitsOf(
  config: Pick<ExporterConfig, 'everyCluster' | 'clusters' | 'compatibility'>,
  name?: string,
): Limits {
  const own: ShownConfig = (name === undefined ? undefined : config.clusters[name]) ?? {};
  const { topics, groups, maxSeries, collectors: chosen } = { ...config.everyCluster, ...own };
  const all = { deny: [] };
  return {
    shown: { topics: topics ?? all, groups: groups ?? all },
    maxSeries: maxSeries ?? defaultMaxSeries,
    // Compatibility metrics are an explicit choice, so they are always included.
    ...(chosen !== undefined && { chosen: new Set([...chosen, ...config.compatibility]) }),
  };
}
