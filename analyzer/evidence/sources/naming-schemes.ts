// Reads the metric names of known exporters, with citations; the first scheme that has a figure is used.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { figureNames, type FigureName } from './figures.ts';

const label = z.string().regex(/^[A-Za-z_]\w*$/);

const Alternative = z.strictObject({
  /** All of them must be there. */
  metrics: z.array(z.string()).min(1),
  expression: z.string(),
  /** Labels tried for the name of the target, where they are not those of the scheme. */
  name: z.array(label).optional(),
  /** Labels that hold an address or a host of the target. */
  address: z.array(label).optional(),
  /** Name of the figure's source; default: the metrics. */
  source: z.string().optional(),
  /** Bytes without the 24 of each frame that no counter sees. */
  withoutFraming: z.literal(true).optional(),
  /** A mean over the last minute, of which bursts are gone. */
  flattened: z.literal(true).optional(),
  /** Each record counts that the broker stores, also for timers, transactions and pops: for messages, offsets go first. */
  countsRecords: z.literal(true).optional(),
  /** Some builds export the sum of a minute; the named metric, compared with the growth of offsets, shows which. */
  perMinuteOf: z.string().optional(),
});
export type Alternative = z.infer<typeof Alternative>;

const NamingScheme = z.strictObject({
  scheme: z.string(),
  citation: z.string(),
  /** How often its figures change, where that is more seldom than they are scraped. */
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

/** Own names go first: they are exact where others are means. */
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
