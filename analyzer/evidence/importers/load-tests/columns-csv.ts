// Imports a CSV file with columns named by the user; time and rate are required.

import { AppError } from '../../../../core/errors.ts';
import { getOrMake } from '../../../../core/get-or-make.ts';
import { zonedMs } from '../../../../core/local-moment.ts';
import { epochSeconds, groupedFigure, groupedHint } from '../../../../core/text/table-figures.ts';
import { csvCells } from '../../../../core/text/csv-cells.ts';
import {
  collectDoubts,
  unnamedGroup,
  type ImportedLoad,
  type LoadFile,
  type LoadWindow,
  type PrintedBegin,
} from './load-test-importer.ts';
import { rowSpans } from './row-spans.ts';
import { linesOf, readFigure, readWallClock, shown, unreadableLoad } from './text-lines.ts';

const columnRoles = ['time', 'rate', 'offered', 'consumed', 'failed'] as const;
type ColumnRole = (typeof columnRoles)[number];
export type ColumnNames = Readonly<Partial<Record<ColumnRole, string>>>;

const tool = 'a table';

/** Words in a heading that indicate another unit than messages per second. */
const otherUnits =
  /(?:^|[^a-z])(?:[kmgt]i?b|bytes?|bits?|kbps|mbps|percent|per.?(?:min(?:ute)?|hour|day)|rpm|ms|k(?!\d)(?:msgs?|recs?|records|ops|tps|qps|rps)?|thousands?|millions?)(?:[^a-z]|$)|%|\/\s?(?:min(?:ute)?|h(?:(?:ou)?r)?)s?(?![a-z])|[万千亿]|字节|(?:每|\/\s?)(?:分|小?时|天)/i;
/** Words in a heading that indicate another unit than seconds, for times that count from the start. */
const otherTimeUnits =
  /(?:^|[^a-z])(?:ms|milli(?:s|seconds?)|us|ns|min(?:utes?)?|h|hours?)(?:[^a-z]|$)|毫秒|微秒|分钟|小时/i;

/** @throws AppError usage for an unknown role, a column named twice, or no time or rate */
export function readColumnNames(text: string): ColumnNames {
  const names: Partial<Record<ColumnRole, string>> = {};
  for (const pair of text.split(',')) {
    const [role = '', ...rest] = pair.split('=');
    const known = columnRoles.find((each) => each === role.trim());
    const name = rest.join('=').trim();
    if (known === undefined || name === '' || names[known] !== undefined) {
      throw new AppError('usage', `--columns: ${JSON.stringify(pair)} is not ROLE=COLUMN, each role once`, {
        hint: `roles are ${columnRoles.join(', ')}; write --columns time=timestamp,rate=msgs_per_s`,
      });
    }
    names[known] = name;
  }
  if (names.time === undefined || (names.rate === undefined && names.consumed === undefined)) {
    throw new AppError('usage', '--columns: a column for time, and one for rate or consumed, are needed', {
      hint: 'write --columns time=timestamp,rate=msgs_per_s',
    });
  }
  return names;
}

/** @param head first line of the text. @returns whether it has all these columns */
export function hasColumns(head: string, names: ColumnNames): boolean {
  const [heading = ''] = head.split('\n');
  const columns = cellsOf(heading, separatorOf(heading));
  return Object.values(names).every((name) => columns.includes(name));
}

/** @throws AppError load-test-unreadable with the line */
export function importColumns({ text }: LoadFile, names: ColumnNames): ImportedLoad[] {
  let separator: string | undefined;
  let columns: readonly string[] | undefined;
  const rows: CsvRow[] = [];
  const printed = new Map<ColumnRole, string[]>();
  let left = 0;
  for (const { number, text: line, isTorn } of linesOf(text, tool)) {
    if (line.trim() === '') continue;
    separator ??= separatorOf(line);
    const cells = cellsOf(line, separator);
    if (columns === undefined) {
      columns = cells;
      for (const [role, name] of Object.entries(names)) {
        if (role !== 'time' && otherUnits.test(name)) {
          throw unreadableLoad(tool, `column ${JSON.stringify(name)} is not in messages per second, by its name`, {
            line: number,
            hint: 'give rates in messages per second',
          });
        }
      }
      continue;
    }
    if (cells.length !== columns.length) {
      if (isTorn) left += 1;
      else
        throw unreadableLoad(tool, `${shown(line)} has ${cells.length} cells, and the heading ${columns.length}`, {
          line: number,
        });
      continue;
    }
    const place = columns;
    const cell = (role: ColumnRole) => {
      const name = names[role];
      // The first column of some tables, the row number, has no name.
      return name === undefined ? undefined : cells[place.indexOf(name)];
    };
    const at = timeOf(cell('time') ?? '');
    if (at === undefined)
      throw unreadableLoad(tool, `${shown(cell('time') ?? '')} is no time`, {
        line: number,
        hint: 'write ISO 8601, seconds or milliseconds since the epoch, or seconds since the start',
      });
    if (at.kind === 'elapsed' && otherTimeUnits.test(names.time ?? '')) {
      throw unreadableLoad(tool, `column ${JSON.stringify(names.time)} is not in seconds, by its name`, {
        line: number,
        hint: 'give seconds since the start',
      });
    }
    const [rate, offered, consumed, failed] = (['rate', 'offered', 'consumed', 'failed'] as const).map((role) => {
      const text = cell(role) ?? '';
      getOrMake(printed, role, (): string[] => []).push(text);
      return readFigure(text);
    });
    if ((names.rate !== undefined && !isRate(rate)) || (names.consumed !== undefined && !isRate(consumed))) left += 1;
    else rows.push({ at, rate, offered, consumed, failed });
  }
  // The planned rate of a ramp rises in every row, and with it the others.
  const isRamp = risesAlways(printed.get('offered') ?? []);
  for (const [role, cells] of printed) refuseFigures(names[role] ?? '', cells, { isRamp, separator });
  return [importedLoad(rows, left)];
}

/** With fewer rows, a load may rise in each of them. */
const fewestOfCounter = 30;

/** @throws AppError load-test-unreadable */
function refuseFigures(
  name: string,
  cells: readonly string[],
  { isRamp, separator }: { isRamp: boolean; separator: string | undefined },
): void {
  const ambiguous = groupedFigure(cells, separator);
  if (ambiguous !== undefined) {
    throw unreadableLoad(tool, `${shown(ambiguous)} of column ${JSON.stringify(name)} may have thousands separators`, {
      hint: groupedHint,
    });
  }
  if (!isRamp && cells.length >= fewestOfCounter && risesAlways(cells)) {
    throw unreadableLoad(tool, `column ${JSON.stringify(name)} rises in every row, as a counter does`, {
      hint: 'give the messages per second of each row; for a ramp, also name the column of its planned rates: offered=NAME',
    });
  }
}

function risesAlways(cells: readonly string[]): boolean {
  const figures = cells.map(readFigure);
  return figures.every((value, row) => row === 0 || (value ?? 0) > (figures[row - 1] ?? Infinity));
}

/** Seconds. A minute is 0.0007 in the day numbers of a spreadsheet, and a result file may have a row for each message. */
const shortestRow = 0.05;

type CsvRow = Record<Exclude<ColumnRole, 'time'>, number | undefined> & {
  at: { kind: 'instant' | 'local' | 'elapsed'; seconds: number };
};

function importedLoad(rows: readonly CsvRow[], left: number): ImportedLoad {
  const [first] = rows;
  if (first === undefined || rows.length < 2)
    throw unreadableLoad(tool, 'fewer than two of its rows have a time and figures, so there is no interval');
  const { spans, usualSeconds, doubts: ofTimes } = rowSpans(rows.map(({ at }) => at.seconds));
  if (usualSeconds > 0 && usualSeconds < shortestRow)
    throw unreadableLoad(tool, `its rows are ${usualSeconds.toPrecision(2)} s apart, too close for a rate in each`, {
      hint: 'give one row a second or longer, not one a message, with ISO 8601 instead of day numbers of a spreadsheet',
    });
  const back = spans.findIndex(({ from, to }) => !(to > from));
  if (back >= 0)
    throw unreadableLoad(tool, `row ${back + 1} is not later than the one before it`, {
      hint: 'sort it by time, one row a moment',
    });
  const windows = (value: (row: CsvRow) => number | undefined) =>
    rows.flatMap((row, index): LoadWindow[] => {
      const span = spans[index] as { from: number; to: number };
      const rate = value(row);
      return rate === undefined ? [] : [{ ...span, messages: rate * (span.to - span.from) }];
    });
  const { doubts, doubt } = collectDoubts(
    { flag: 'no-warm-up', what: ['its warm-up is unknown', '是否包含预热未知'] },
    ...ofTimes,
  );
  if (left > 0)
    doubt('truncated', [
      `${left} of its rows have no number there (empty, NaN, negative, cut off) and are left out`,
      `${left} 行中没有数字（空值、NaN、负数或被截断），已略去`,
    ]);
  const offered = rows.map((row) => row.offered).filter((value) => value !== undefined);
  const [targetTps = 0] = offered;
  const isConstant =
    offered.length === rows.length && offered.every((rate) => Math.abs(rate - targetTps) <= 0.001 * targetTps);
  const consumed = windows((row) => row.consumed);
  return {
    begins: beginOf(first, first.at.seconds - usualSeconds),
    produced: windows((row) => row.rate).map((window, index) => ({
      ...window,
      failed: Math.max(0, rows[index]?.failed ?? 0) * (window.to - window.from),
    })),
    consumed: consumed.length > 0 ? new Map([[unnamedGroup, consumed]]) : new Map(),
    ...(isConstant && offered[0] !== undefined && { offered: { tps: offered[0] } }),
    ...(offered.length === rows.length && !isConstant && { offeredRates: offered }),
    isWarm: false,
    workload: {},
    doubts,
  };
}

function beginOf({ at: { kind } }: CsvRow, begin: number): PrintedBegin {
  if (kind === 'instant') return { kind, epochMs: begin * 1000 };
  return kind === 'local' ? { kind, wallMs: begin * 1000 } : { kind: 'unknown' };
}

/** Decided by the heading, because a table with decimal commas has another separator. */
function separatorOf(heading: string): string {
  const counted = [',', ';', '\t'].map((separator) => ({ separator, count: heading.split(separator).length }));
  return counted.reduce((best, each) => (each.count > best.count ? each : best)).separator;
}

function cellsOf(line: string, separator: string): string[] {
  return csvCells(line, separator).map((cell) => cell.trim());
}

const isRate = (value: number | undefined): boolean => value !== undefined && value >= 0;

/** Seconds since the epoch have ten digits; shorter numbers count from the start. */
function timeOf(word: string): CsvRow['at'] | undefined {
  const value = readFigure(word);
  if (value !== undefined) return { kind: value >= 1e9 ? 'instant' : 'elapsed', seconds: epochSeconds(value) };
  const ms = zonedMs(word);
  if (!Number.isNaN(ms)) return { kind: 'instant', seconds: ms / 1000 };
  const wall = readWallClock(word);
  return wall === undefined ? undefined : { kind: 'local', seconds: wall / 1000 };
}
