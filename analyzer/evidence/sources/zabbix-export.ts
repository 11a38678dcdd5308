// Reads files exported from Zabbix: JSON as its API returns it, or CSV.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { parseJsonFile } from '../../../core/text/parse-json.ts';
import type { ZabbixExport } from './config.ts';
import type { ItemValue } from './item-figures.ts';
import type { SourceIo, SourceTelemetry, TelemetryWindow } from './telemetry.ts';
import { readSourceFiles } from './source-file.ts';
import { matchedItems } from './zabbix-items.ts';
import { HistoryRow, ItemRow, TrendRow, type ZabbixTable } from './zabbix-rows.ts';
import { zabbixTelemetry } from './zabbix-telemetry.ts';
import { csvCells } from '../../../core/text/csv-cells.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

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

const mostLineLength = 10_000;

/** @throws AppError source-unreadable, naming file and line */
function readZabbixCsv(file: string, text: string, { items, values }: ZabbixTable): void {
  const lines = text.split(/\r?\n/);
  const refuse = (line: number, reason: string) =>
    new AppError('source-unreadable', `${file}, line ${line}: ${reason}`, {
      hint: 'the first line names the columns: host,key,clock,value,units (clock in seconds since 1970 or ISO 8601 with a zone, units as Zabbix has them, such as bps)',
    });
  const separator = (lines[0] ?? '').includes(';') ? ';' : ',';
  const heading = csvCells(lines[0] ?? '', separator).map((cell) => cell.trim().toLowerCase());
  const column = (...names: string[]) => heading.findIndex((each) => names.includes(each));
  const at = {
    host: column('host'),
    key: column('key', 'key_'),
    clock: column('clock', 'time'),
    value: column('value'),
    units: column('units'),
  };
  for (const [name, index] of Object.entries(at)) {
    if (index < 0) throw refuse(1, `there is no column ${name}`);
  }
  for (const [index, line] of lines.entries()) {
    if (index === 0 || line === '') continue;
    if (line.length > mostLineLength) throw refuse(index + 1, `it is longer than ${mostLineLength} characters`);
    const cells = csvCells(line, separator);
    const cell = (position: number) => cells[position]?.trim() ?? '';
    const clock = clockOf(cell(at.clock));
    const value = cell(at.value) === '' ? Number.NaN : Number(cell(at.value));
    if (clock === undefined) throw refuse(index + 1, `${JSON.stringify(cell(at.clock))} is no time`);
    if (!Number.isFinite(value)) throw refuse(index + 1, `${JSON.stringify(cell(at.value))} is no number`);
    const [host, key] = [cell(at.host), cell(at.key)];
    const itemid = `${host} ${key}`;
    items.set(itemid, { itemid, host, key, units: cell(at.units), valueType: '0' });
    getOrMake(values, itemid, () => []).push({ clock, value });
  }
}

/** Rejects a time without a zone as ambiguous. */
function clockOf(text: string): number | undefined {
  if (/^\d{9,11}(\.\d+)?$/.test(text)) return Number(text);
  if (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text)) return undefined;
  const time = Date.parse(text) / 1000;
  return Number.isNaN(time) ? undefined : time;
}
