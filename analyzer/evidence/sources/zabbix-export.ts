// Reads files exported from Zabbix: JSON as its API returns it, or CSV.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { assembled } from './assembly.ts';
import type { ZabbixExport } from './config.ts';
import type { SourceTelemetry, TelemetryWindow } from './source-telemetry.ts';
import type { SourceIo } from './telemetry.ts';
import { readZabbixCsv } from './zabbix-csv.ts';
import { zabbixFigures, zabbixInventory } from './zabbix-figures.ts';
import { matchedItems, readZabbixNames, searchedKeys } from './zabbix-items.ts';
import { HistoryRow, ItemRow, itemOf, TrendRow, type ZabbixTable } from './zabbix-rows.ts';

/** A day of 200 items at 30 s is 45 MB of JSON. */
const mostFileBytes = 256 * 2 ** 20;

export async function readZabbixExport(
  source: ZabbixExport,
  window: TelemetryWindow,
  io: SourceIo,
): Promise<SourceTelemetry> {
  const table: ZabbixTable = { items: new Map(), values: new Map() };
  const sha256 = createHash('sha256');
  let wireBytes = 0;
  for (const file of source.files) {
    io.signal.throwIfAborted();
    const text = await readText(file, io.signal);
    sha256.update(text);
    wireBytes += Buffer.byteLength(text);
    if (/^\s*[[{]/.test(text)) readJson(file, text, table);
    else readZabbixCsv(file, text, table);
  }
  for (const values of table.values.values()) values.sort((a, b) => a.clock - b.clock);
  const name = io.name ?? source.files.join(', ');
  const names = readZabbixNames();
  const items = matchedItems([...table.items.values()], names, source.items);
  const span = { from: window.from.getTime() / 1000, to: window.to.getTime() / 1000 };
  const { series, findings } = zabbixFigures(name, items, table.values, { ...span, stepSeconds: window.stepSeconds });
  if (series.length === 0) {
    throw new AppError(
      'source-empty',
      `${name}: no value of a known item from ${window.from.toISOString()} to ${window.to.toISOString()}`,
      {
        hint:
          items.length === 0
            ? 'item.get with key_ and hosts belongs to the files; keys of your own go under `items`'
            : 'check the times',
      },
    );
  }
  const telemetry = assembled({
    name,
    format: source.kind,
    span,
    series,
    stated: source,
    inventory: zabbixInventory(series, names.citation, searchedKeys(names, source.items)),
    findings: [...findings, findingOf('source-without-framing', { source: name, scheme: 'Zabbix' })],
    cost: { requests: source.files.length, wireBytes },
  });
  return { ...telemetry, source: { ...telemetry.source, sha256: sha256.digest('hex') } };
}

async function readText(file: string, signal: AbortSignal): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > mostFileBytes) {
      throw new AppError('source-unreadable', `${file} is larger than ${mostFileBytes} bytes`, {
        hint: 'export fewer hosts or a shorter time, into several files',
      });
    }
    return (await readFile(file, { encoding: 'utf8', signal })).replace(/^\uFEFF/, '');
  } catch (cause) {
    if (cause instanceof AppError || signal.aborted) throw cause;
    throw new AppError('source-unreadable', `cannot read ${file}: ${(cause as Error).message}`, { cause });
  }
}

const Rows = z.array(z.record(z.string(), z.unknown()));

function readJson(file: string, text: string, table: ZabbixTable): void {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new AppError('source-unreadable', `${file} is no JSON: ${(cause as Error).message}`, { cause });
  }
  const held = (document as { result?: unknown }).result ?? document;
  const rows = Rows.safeParse(held);
  if (!rows.success) throw new AppError('source-unreadable', `${file} holds no list of items or values`);
  for (const [index, row] of rows.data.entries()) {
    if (!readRow(row, table)) {
      throw new AppError('source-unreadable', `${file}: entry ${index + 1} is no item, value or trend of a Zabbix`, {
        hint: 'the result of item.get (with selectHosts), history.get or trend.get is read, each in a file',
      });
    }
  }
}

function readRow(row: Record<string, unknown>, { items, values }: ZabbixTable): boolean {
  if ('key_' in row) {
    const item = ItemRow.safeParse(row).data;
    if (item) items.set(item.itemid, itemOf(item));
    return item !== undefined;
  }
  const trend = 'value_avg' in row ? TrendRow.safeParse(row).data : undefined;
  const history = trend === undefined ? HistoryRow.safeParse(row).data : undefined;
  const value =
    trend === undefined ? history : { itemid: trend.itemid, clock: trend.clock + 3600, value: trend.value_avg };
  if (value === undefined) return false;
  const known = values.get(value.itemid) ?? [];
  if (Number.isFinite(value.value)) known.push({ clock: value.clock, value: value.value });
  values.set(value.itemid, known);
  return true;
}
