// Reads the metric names of known exporters, with citations; the first scheme that has a figure is used.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { figureNames, type FigureName } from './figures.ts';

const label = z.string().regex(/^[A-Za-z_]\w*$/);

const Alternative = z.strictObject({
  /** All of these must exist. */
  metrics: z.array(z.string()).min(1),
  expression: z.string(),
  /** Labels to try for the name of the target, if they differ from those of the scheme. */
  name: z.array(label).optional(),
  /** Labels with an address or host of the target. */
  address: z.array(label).optional(),
  /** Name of the figure's source; default: the metrics. */
  source: z.string().optional(),
  /** Bytes without the 24 per frame that no counter includes. */
  withoutFraming: z.literal(true).optional(),
  /** A mean over the last minute, which hides bursts. */
  flattened: z.literal(true).optional(),
  /** Counts every record that the broker stores, also for timers, transactions and pops; for messages, offsets take precedence. */
  countsRecords: z.literal(true).optional(),
  /** Some builds export the sum of a minute; comparing the named metric with the growth of offsets shows which. */
  perMinuteOf: z.string().optional(),
});
export type Alternative = z.infer<typeof Alternative>;

const NamingScheme = z.strictObject({
  scheme: z.string(),
  citation: z.string(),
  /** Update interval of its figures, if it is longer than the scrape interval. */
  updateSeconds: z.number().positive().optional(),
  names: z.strictObject({
    host: z.array(label).optional(),
    broker: z.array(label).optional(),
    group: z.array(label).optional(),
  }),
  addresses: z.array(label),
  figures: z.partialRecord(z.enum(figureNames as [FigureName, ...FigureName[]]), z.array(Alternative).min(1)),
});
export type NamingScheme = z.infer<typeof NamingScheme>;

/** Plimsoll's names come first, because they are exact while others are means. */
const schemeNames = [
  'plimsoll-kafka',
  'plimsoll-rocketmq',
  'node-exporter',
  'cadvisor',
  'jmx-exporter',
  'rocketmq-native',
  'rocketmq-exporter',
  'kafka-exporter',
] as const;

export function readNamingSchemes(): readonly NamingScheme[] {
  return schemeNames.map((name) =>
    NamingScheme.parse(parse(readFileSync(new URL(`./names/${name}.yaml`, import.meta.url), 'utf8'))),
  );
}
