// Defines the rows of items and values in the Zabbix API and exports, where every number is text.

import { z } from 'zod';
import type { ItemValue } from './item-figures.ts';
import type { ZabbixItem } from './zabbix-items.ts';

/** By itemid, from as many files as there are. */
export interface ZabbixTable {
  items: Map<string, ZabbixItem>;
  values: Map<string, ItemValue[]>;
}

const Whole = z.coerce.number().int();

export const ItemRow = z.object({
  itemid: z.string(),
  key_: z.string(),
  units: z.string().default(''),
  value_type: z.coerce.string().default('0'),
  lastvalue: z.string().optional(),
  hosts: z.array(z.object({ host: z.string() })).default([]),
});

export const HistoryRow = z.object({
  itemid: z.coerce.string(),
  clock: Whole,
  ns: z.coerce.string().default('0'),
  value: z.coerce.number(),
});
export type HistoryRow = z.output<typeof HistoryRow>;

export const TrendRow = z.object({ itemid: z.coerce.string(), clock: Whole, value_avg: z.coerce.number() });

export function itemOf({
  itemid,
  key_: key,
  units,
  value_type: valueType,
  lastvalue,
  hosts,
}: z.output<typeof ItemRow>): ZabbixItem {
  const last = lastvalue === undefined || lastvalue === '' ? Number.NaN : Number(lastvalue);
  return {
    itemid,
    key,
    units,
    valueType,
    host: hosts[0]?.host ?? '',
    ...(Number.isFinite(last) && { lastValue: last }),
  };
}
