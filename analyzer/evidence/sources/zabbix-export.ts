// Reads files exported from Zabbix: JSON as its API returns it, or CSV.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { parseJsonFile } from '../../../core/text/parse-json.ts';
import type { ZabbixExport } from './config.ts';
import type { ItemValue } from './item-figures.ts';
import type { SourceTelemetry, TelemetryWindow } from './source-telemetry.ts';
import type { SourceIo } from './telemetry.ts';
import { readSourceFiles } from './source-file.ts';
import { readZabbixCsv } from './zabbix-csv.ts';
import { matchedItems } from './zabbix-items.ts';
import { HistoryRow, ItemRow, TrendRow, type ZabbixTable } from './zabbix-rows.ts';
import { zabbixTelemetry } from './zabbix-telemetry.ts';

export async function readZabbixExport(
  source: ZabbixExport,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  const table: ZabbixTable = { items: new Map(), values: new Map(), trends: new Map() };
  const take = (file: string, text: string) =>
    /^\s*[[{]/.test(text) ? readJson(file, text, table) : readZabbixCsv(file, text, table);
  const sha256 = await readSourceFiles(source.files, take, io);
  const [from, to] = [window.from.getTime() / 1000, window.to.getTime() / 1000];
  const isInWindow = ({ clock }: ItemValue) => clock > from && clock <= to;
  for (const [itemid, hours] of table.trends) {
    // Among values per minute, an hourly mean would count as one of them.
    if (table.values.get(itemid)?.some(isInWindow) !== true) table.values.set(itemid, hours);
  }
  for (const values of table.values.values()) values.sort((a, b) => a.clock - b.clock);
  const name = io.name ?? source.files.join(', ');
  const items = matchedItems([...table.items.values()], source.items);
  const telemetry = zabbixTelemetry(
    {
      name,
      source,
      items,
      values: table.values,
      fault: () =>
        new AppError(
          'source-empty',
          `${name}: no value of a known item from ${window.from.toISOString()} to ${window.to.toISOString()}`,
          {
            hint:
              items.length === 0
                ? 'item.get with key_ and hosts belongs to the files; keys of your own go under `items`'
                : 'check the times',
          },
        ),
    },
    window,
  );
  return { ...telemetry, source: { ...telemetry.source, sha256 } };
}

const Rows = z.array(z.record(z.string(), z.unknown()));

function readJson(file: string, text: string, table: ZabbixTable): void {
  const document = parseJsonFile(text, file, 'source-unreadable');
  const held = (document as { result?: unknown }).result ?? document;
  const rows = Rows.safeParse(held);
  if (!rows.success) throw new AppError('source-unreadable', `${file} contains no list of items or values`);
  for (const [index, row] of rows.data.entries()) {
    if (!readRow(row, table)) {
      throw new AppError('source-unreadable', `${file}: entry ${index + 1} is not a Zabbix item, value or trend`, {
        hint: 'the result of item.get (with selectHosts), history.get or trend.get is read, each in a file',
      });
    }
  }
}

function readRow(row: Record<string, unknown>, { items, values, trends }: ZabbixTable): boolean {
  if ('key_' in row) {
    const item = ItemRow.safeParse(row).data;
    if (item) items.set(item.itemid, item);
    return item !== undefined;
  }
  const trend = 'value_avg' in row ? TrendRow.safeParse(row).data : undefined;
  const value = trend ?? HistoryRow.safeParse(row).data;
  if (value === undefined) return false;
  const table = trend === undefined ? values : trends;
  const known = table.get(value.itemid) ?? [];
  if (Number.isFinite(value.value)) known.push({ clock: value.clock, value: value.value });
  table.set(value.itemid, known);
  return true;
}
