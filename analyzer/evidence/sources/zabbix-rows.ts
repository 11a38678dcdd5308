// Defines the rows of items and values in the Zabbix API and exports, in which every number is text.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import type { ItemValue } from './item-figures.ts';
import type { ZabbixItem } from './zabbix-items.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

/** By itemid, from all files. */
export interface ZabbixTable {
  items: Map<string, ZabbixItem>;
  values: Map<string, ItemValue[]>;
  /** Means of whole hours. */
  trends: Map<string, ItemValue[]>;
}

/** Limit of values in memory, as for other sources. */
export const mostValues = 3_000_000;

/** Values from an API by itemid, limited in number. */
export class KeptValues {
  readonly byItem = new Map<string, ItemValue[]>();
  readonly #name: string;
  readonly #most: number;
  #count = 0;

  constructor(name: string, most = mostValues) {
    this.#name = name;
    this.#most = most;
  }

  /** @throws AppError usage */
  add(itemid: string, value: ItemValue): void {
    this.#count += 1;
    if (this.#count > this.#most) {
      throw new AppError('usage', `${this.#name} has more than ${this.#most} values in this window`, {
        hint: 'use a shorter window',
      });
    }
    getOrMake(this.byItem, itemid, () => []).push(value);
  }
}

const Whole = z.coerce.number().int();

export const ItemRow = z
  .object({
    itemid: z.string(),
    key_: z.string(),
    units: z.string().default(''),
    value_type: z.coerce.string().default('0'),
    lastvalue: z.string().optional(),
    hosts: z.array(z.object({ host: z.string() })).default([]),
  })
  .transform(({ itemid, key_: key, units, value_type: valueType, lastvalue, hosts }): ZabbixItem => {
    const last = lastvalue === undefined || lastvalue === '' ? Number.NaN : Number(lastvalue);
    const host = hosts[0]?.host ?? '';
    return { itemid, key, units, valueType, host, ...(Number.isFinite(last) && { lastValue: last }) };
  });

export const HistoryRow = z.object({
  itemid: z.coerce.string(),
  clock: Whole,
  ns: z.coerce.string().default('0'),
  value: z.coerce.number(),
});
export type HistoryRow = z.output<typeof HistoryRow>;

/** The mean of an hour, which has the timestamp of its start; values have the timestamp of the end of the covered time. */
export const TrendRow = z
  .object({ itemid: z.coerce.string(), clock: Whole, value_avg: z.coerce.number() })
  .transform(({ itemid, clock, value_avg: value }) => ({ itemid, clock: clock + 3600, value }));
