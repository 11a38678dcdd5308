// Maps Zabbix items to figures, by the keys of its shipped templates and by configuration.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { FigureItem } from './item-figures.ts';

export interface ZabbixItem {
  itemid: string;
  host: string;
  key: string;
  /** Unit stated by the item: bps, Bps, %, … */
  units: string;
  /** 0 float, 3 unsigned; other types are text. */
  valueType: string;
  lastValue?: number;
}

export interface MatchedItem extends FigureItem {
  item: ZabbixItem;
}

const Names = z.strictObject({
  citation: z.string(),
  items: z.array(
    z.strictObject({
      is: z.string(),
      key: z.string(),
      scale: z.number().positive().default(1),
      constant: z.literal(true).optional(),
    }),
  ),
});
type ZabbixNames = z.output<typeof Names>;

let read: ZabbixNames | undefined;

export function zabbixNames(): ZabbixNames {
  read ??= Names.parse(parse(readFileSync(new URL('./names/zabbix.yaml', import.meta.url), 'utf8')));
  return read;
}

const virtualCard = /^(lo|veth.*|docker.*|br-.*|cali.*|virbr.*|tun.*|tap.*)$/;

/** @param own keys by figure, from the config; on a host that has the key, they replace the items of templates for that figure */
export function matchedItems(items: readonly ZabbixItem[], own: Readonly<Record<string, string>>): MatchedItem[] {
  const stated = Object.entries(own).map(([is, key]) => ({ is, key, scale: 1 }));
  const ownItems = items.flatMap((item) => matchedItem(item, stated, true));
  const known = new Set(ownItems.map(({ item }) => item));
  const replaced = new Set(ownItems.map(({ item, is }) => `${is} ${item.host}`));
  const ofTemplates = items
    .filter((item) => !known.has(item))
    .flatMap((item) => matchedItem(item, zabbixNames().items, false))
    .filter(({ item, is }) => !replaced.has(`${is} ${item.host}`));
  return [...ownItems, ...ofTemplates];
}

function matchedItem(item: ZabbixItem, names: ZabbixNames['items'], isStated: boolean): MatchedItem[] {
  for (const { is, key, scale, constant } of names) {
    const device = matched(item.key, key);
    if (device === undefined || virtualCard.test(device)) continue;
    const isConstant = constant === true;
    return [{ item, is, ...(device !== '' && { device }), scale: scaleOf(item, scale, isStated), isConstant }];
  }
  return [];
}

/** @returns the text matched by *, empty if the pattern has none; undefined if the key does not match */
function matched(key: string, pattern: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return key === pattern ? '' : undefined;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  if (!key.startsWith(head) || !key.endsWith(tail) || key.length <= head.length + tail.length) return undefined;
  const device = key.slice(head.length, key.length - tail.length);
  return /[[\]",]/.test(device) ? undefined : device;
}

function scaleOf({ units }: ZabbixItem, scale: number, isStated: boolean): number {
  if (units === 'bps') return 1 / 8;
  if (!isStated) return scale;
  if (units === '%') return 0.01;
  return units === 'ms' ? 0.001 : 1;
}

/** For item.get, in which * matches anything. */
export function searchedKeys(own: Readonly<Record<string, string>>): string[] {
  return [...new Set([...zabbixNames().items.map(({ key }) => key), ...Object.values(own)])];
}
