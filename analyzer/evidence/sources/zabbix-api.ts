// Reads cluster telemetry from the Zabbix JSON-RPC API: items by key, their history, and hourly trends for older data.

import { z } from 'zod';
import { systemClock } from '../../../core/clock.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { AppError } from '../../../core/errors.ts';
import { groupOfCluster } from './cluster-in-select.ts';
import type { ZabbixApi } from './config.ts';
import type { Gap } from './range-query.ts';
import type { SourceIo, SourceTelemetry, TelemetryWindow } from './telemetry.ts';
import { HistoryRow, ItemRow, KeptValues, mostValues, TrendRow } from './zabbix-rows.ts';
import { type MatchedItem, matchedItems, searchedKeys } from './zabbix-items.ts';
import { zabbixTelemetry } from './zabbix-telemetry.ts';
import { openZabbix, type ZabbixSession } from './zabbix-session.ts';

/** Rows per response; a server reads all of them before it sends the first. */
const mostRows = 20_000;
/** Items are usually stored every 30 s or 1 min; this only determines the length of chunks. */
const assumedEverySeconds = 30;
/** Used to decide whether a window has too many values for memory, so that hourly trends are read. */
const usualEverySeconds = 60;

export async function readZabbixApi(
  source: ZabbixApi,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  const name = io.name ?? source.url;
  const group = groupOfCluster(source, window.cluster);
  const session = await openZabbix(source, { clock: systemClock, ...io });
  const groupids = group === undefined ? undefined : await groupIds(session, group);
  const rows = await session.call('item.get', z.array(ItemRow), {
    output: ['itemid', 'key_', 'units', 'value_type', 'lastvalue'],
    selectHosts: ['host'],
    monitored: true,
    search: { key_: searchedKeys(source.items) },
    searchByAny: true,
    searchWildcardsEnabled: true,
    ...(groupids && { groupids }),
  });
  const numeric = rows.filter(({ valueType }) => ['0', '3'].includes(valueType));
  const items = matchedItems(numeric, source.items);
  if (items.length === 0) {
    throw new AppError('source-empty', `${name} has no item of a known key`, {
      hint: 'state the keys of your templates under `items`, and check which hosts the token may read',
    });
  }
  const span = { from: window.from.getTime() / 1000, to: window.to.getTime() / 1000 };
  const values = new KeptValues(name);
  const gaps: Gap[] = [];
  const changing = items.filter(({ isConstant }) => !isConstant);
  const isTooMuch =
    window.coarserIfNeeded === true && (changing.length * (span.to - span.from)) / usualEverySeconds > mostValues;
  for (const [valueType, some] of Map.groupBy(isTooMuch ? [] : changing, ({ item }) => item.valueType)) {
    gaps.push(...(await readHistory(session, valueType, some, span, values)));
  }
  await readTrends(
    session,
    changing.filter(({ item }) => !values.byItem.has(item.itemid)),
    span,
    values,
  );
  const telemetry = zabbixTelemetry(
    {
      name,
      source,
      items,
      values: values.byItem,
      gaps,
      fault: () => new AppError('source-empty', `${name} kept no value of the cluster in this window`),
    },
    window,
  );
  const { cluster } = window;
  const brokers = telemetry.environment.brokers.map(({ id }) => id);
  if (cluster === undefined || group !== undefined || brokers.length === 0) return telemetry;
  const unselected = findingOf('source-unselected', { source: name, cluster, brokers });
  return { ...telemetry, findings: [...telemetry.findings, unselected] };
}

async function groupIds(session: ZabbixSession, group: string): Promise<string[]> {
  const rows = await session.call('hostgroup.get', z.array(z.object({ groupid: z.string() })), {
    output: ['groupid'],
    filter: { name: [group] },
  });
  if (rows.length === 0) {
    throw new AppError('not-found', `the Zabbix has no host group ${group} that its token may read`, {
      hint: 'compare `group` with the host groups of Zabbix, and give the user of the token the permission to read it',
    });
  }
  return rows.map(({ groupid }) => groupid);
}

/** Reads in time chunks; if a chunk fills a response, the rest is requested. A chunk that never arrives is a gap. */
async function readHistory(
  session: ZabbixSession,
  valueType: string,
  items: readonly MatchedItem[],
  { from, to }: { from: number; to: number },
  values: KeptValues,
): Promise<Gap[]> {
  const itemids = items.map(({ item }) => item.itemid);
  const piece = Math.max(assumedEverySeconds, Math.floor((mostRows / itemids.length) * assumedEverySeconds));
  const gaps: Gap[] = [];
  for (let start = from; start < to; start += piece) {
    const end = Math.min(to, start + piece);
    const seen = new Set<string>();
    for (let after = Math.ceil(start); ;) {
      const answer = await session.tryCall('history.get', z.array(HistoryRow), {
        output: ['itemid', 'clock', 'ns', 'value'],
        history: Number(valueType),
        itemids,
        time_from: after,
        time_till: Math.floor(end),
        sortfield: 'clock',
        sortorder: 'ASC',
        limit: mostRows,
      });
      if (answer.kind === 'failed') {
        gaps.push({ from: after, to: end, reason: answer.reason });
        break;
      }
      for (const row of answer.rows) take(row, seen, values);
      const last = answer.rows.at(-1)?.clock;
      if (answer.rows.length < mostRows || last === undefined) break;
      // Rows of the last second may be on both pages, or fill one page alone.
      after = last === after ? last + 1 : last;
    }
  }
  if (gaps.length > 0 && values.byItem.size === 0) {
    throw new AppError('zabbix-refused', `cannot read the history of ${itemids.length} items: ${gaps[0]?.reason}`);
  }
  return gaps;
}

function take({ itemid, clock, ns, value }: HistoryRow, seen: Set<string>, values: KeptValues): void {
  const key = `${itemid} ${clock} ${ns}`;
  if (seen.has(key) || !Number.isFinite(value)) return;
  seen.add(key);
  values.add(itemid, { clock, value });
}

/** Hourly means in one response; the method has neither an order nor pages. */
const mostTrends = 100_000;

/** Zabbix keeps history for days or weeks, and trends for a year. */
async function readTrends(
  session: ZabbixSession,
  items: readonly MatchedItem[],
  { from, to }: { from: number; to: number },
  values: KeptValues,
): Promise<void> {
  if (items.length === 0 || to - from < 3600) return;
  const piece = 86_400 * Math.max(1, Math.floor(mostTrends / 24 / items.length));
  for (let start = Math.ceil(from); start <= to; start += piece) {
    const rows = await session.call('trend.get', z.array(TrendRow), {
      output: ['itemid', 'clock', 'value_avg'],
      itemids: items.map(({ item }) => item.itemid),
      time_from: start,
      time_till: Math.min(Math.floor(to), start + piece - 1),
    });
    for (const { itemid, clock, value } of rows.toSorted((a, b) => a.clock - b.clock)) {
      values.add(itemid, { clock, value });
    }
  }
}
