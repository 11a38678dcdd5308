// Parses CSV with columns host, key, clock, value and units, in any order.

import { AppError } from '../../../core/errors.ts';
import { csvCells } from '../csv-cells.ts';
import type { ZabbixTable } from './zabbix-rows.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

const mostLineLength = 10_000;

/** @throws AppError source-unreadable, naming file and line */
export function readZabbixCsv(file: string, text: string, { items, values }: ZabbixTable): void {
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
