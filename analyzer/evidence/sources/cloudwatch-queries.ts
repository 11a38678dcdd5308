// Builds the metric queries of GetMetricData from configuration, and maps queries back to hosts, volumes, brokers and groups.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { CloudWatchTargets } from './config.ts';

const Metric = z.strictObject({
  metric: z.string(),
  stat: z.enum(['Average', 'Sum', 'Minimum', 'Maximum']),
  is: z.string(),
  scale: z.number().positive().default(1),
  /** The metric is a sum over the period. */
  perSecond: z.literal(true).optional(),
});

const layers = ['instance', 'volume', 'broker', 'group'] as const;

const Names = z.strictObject({ citation: z.string(), metrics: z.record(z.enum(layers), z.array(Metric)) });
let read: z.output<typeof Names> | undefined;

export function cloudWatchNames(): z.output<typeof Names> {
  read ??= Names.parse(parse(readFileSync(new URL('./names/cloudwatch.yaml', import.meta.url), 'utf8')));
  return read;
}

const namespaces = { instance: 'AWS/EC2', volume: 'AWS/EBS', broker: 'AWS/Kafka', group: 'AWS/Kafka' } as const;

/** The used part of the API's MetricDataQuery; a query of metric math has no MetricStat. */
export const MetricDataQuery = z.object({
  Id: z.string(),
  MetricStat: z
    .object({
      Metric: z.object({
        Namespace: z.string(),
        MetricName: z.string(),
        Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).default([]),
      }),
      Period: z.number().int().positive(),
      Stat: z.string(),
    })
    .optional(),
});
export type MetricDataQuery = z.output<typeof MetricDataQuery>;

/** The subject of one query. */
export interface CloudWatchTarget {
  metric: z.output<typeof Metric>;
  /** Host, broker or group. */
  name: string;
  volume?: string;
}

/** One per metric of each configured instance, volume, broker and group. @param periodSeconds a multiple of 60 */
export function queriesFor(targets: CloudWatchTargets, periodSeconds: number): Required<MetricDataQuery>[] {
  const { metrics } = cloudWatchNames();
  return [...dimensionsOf(targets)]
    .flatMap(([layer, dimensions]) => metrics[layer].map((metric) => ({ layer, dimensions, metric })))
    .map(({ layer, dimensions, metric: { metric: MetricName, stat: Stat } }, index) => ({
      Id: `q${index}`,
      MetricStat: {
        Metric: {
          Namespace: namespaces[layer],
          MetricName,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodSeconds,
        Stat,
      },
    }));
}

function* dimensionsOf({ hosts, msk }: CloudWatchTargets): Iterable<[keyof typeof namespaces, Record<string, string>]> {
  for (const { instance, volumes } of Object.values(hosts)) {
    if (instance !== undefined) yield ['instance', { InstanceId: instance }];
    for (const VolumeId of Object.keys(volumes)) yield ['volume', { VolumeId }];
  }
  if (msk === undefined) return;
  const ofCluster = { 'Cluster Name': msk.cluster };
  for (const id of msk.brokers) yield ['broker', { ...ofCluster, 'Broker ID': String(id) }];
  for (const [group, topics] of Object.entries(msk.groups)) {
    for (const Topic of topics) yield ['group', { ...ofCluster, 'Consumer Group': group, Topic }];
  }
}

/** @returns undefined for a metric that is not used, or whose dimensions belong to no host of the config */
export function targetOf({ MetricStat }: MetricDataQuery, { hosts }: CloudWatchTargets): CloudWatchTarget | undefined {
  if (MetricStat === undefined) return undefined;
  const { metrics } = cloudWatchNames();
  const { Namespace, MetricName, Dimensions } = MetricStat.Metric;
  const value = new Map(Dimensions.map(({ Name, Value }) => [Name, Value]));
  const has = (...names: string[]) => value.size === names.length && names.every((name) => value.has(name));
  const layer = layers.find(
    (each) =>
      namespaces[each] === Namespace &&
      {
        instance: has('InstanceId'),
        volume: has('VolumeId'),
        broker: has('Cluster Name', 'Broker ID'),
        group: has('Cluster Name', 'Consumer Group', 'Topic'),
      }[each],
  );
  const metric = layer && metrics[layer].find((each) => each.metric === MetricName && each.stat === MetricStat.Stat);
  if (metric === undefined) return undefined;
  const instance = value.get('InstanceId');
  const volume = value.get('VolumeId');
  const entry = Object.entries(hosts).find(
    ([, host]) => (instance !== undefined && host.instance === instance) || Object.hasOwn(host.volumes, volume ?? ''),
  );
  const name = entry?.[0] ?? instance ?? value.get('Broker ID') ?? value.get('Consumer Group');
  return name === undefined ? undefined : { metric, name, ...(volume !== undefined && { volume }) };
}
