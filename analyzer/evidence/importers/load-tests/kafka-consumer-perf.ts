// Imports kafka-consumer-perf-test and kafka-share-consumer-perf-test: one row, or one per interval and consumer.

import {
  collectDoubts,
  unnamedGroup,
  type ImportedLoad,
  type LoadTestImporter,
  type LoadWindow,
} from './load-test-importer.ts';
import { linesOf, readFigure, readWallClock, shown, unreadableLoad } from './text-lines.ts';
import { defined } from '../../../../core/defined.ts';

/*
 * until 0.8   start.time, end.time, fetch.size, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec
 * until 0.11  start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec
 * since 1.0   … and rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec
 * share       start.time, end.time, data.consumed.in.MB, MB.sec, nMsg.sec, data.consumed.in.nMsg, fetch.time.ms    rate before count
 * detailed    time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec[, …]    counts since the start; until
 *             0.11 the heading omits threadId (KAFKA-5574)
 * share, detailed   rows as its summary, followed by ` for share consumer N`; count since the start, rate of the interval
 * Cells end at a comma and a space, so that decimal commas are kept. MB are MiB. From ConsumerPerformance and
 * ShareConsumerPerformance of apache/kafka.
 */
const tool = 'kafka-consumer-perf-test';
const heading = /(?:^|\n)[^\n]{0,200}data\.consumed\.in\.MB, /;
const summaryRow = /(?:^|\n)\s*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}, \d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}, \d/;

export const kafkaConsumerPerf = {
  tool,
  reads:
    'all headings, with and without `--show-detailed-stats`, and `kafka-share-consumer-perf-test`: consumed, record size; local times',
  detect: (head) => heading.test(head) || summaryRow.test(head),

  import({ text }) {
    let columns: readonly string[] | undefined;
    let isTorn = false;
    const rows: ConsumerRow[] = [];
    for (const { number, text: line, isTorn: isLast } of linesOf(text, tool)) {
      const at = line.indexOf('start.time, ') >= 0 ? line.indexOf('start.time, ') : line.indexOf('time, ');
      if (line.includes('data.consumed.in.MB, ')) {
        columns = line.slice(Math.max(0, at)).trim().split(', ');
        continue;
      }
      const cells = cellsOf(line);
      if (cells === undefined) continue;
      const row = readRow(cells, columns ?? columnsOf(cells));
      if (row === undefined && isLast) isTorn = true;
      else if (row === undefined)
        throw unreadableLoad(tool, `${shown(line)} does not fit its heading`, { line: number, hint });
      else rows.push(row);
    }
    if (rows.length === 0) throw unreadableLoad(tool, 'no row of figures found', { hint });
    return [importedLoad(rows, isTorn)];
  },
} satisfies LoadTestImporter;

const hint = 'give its standard output as it was printed, with the heading';

type ConsumerRow = NonNullable<ReturnType<typeof readRow>>;

/** Rows begin with a time. The total of each share consumer is printed again after other text, and is also in the last row. */
function cellsOf(line: string): string[] | undefined {
  return /^\s*\d{4}-\d\d-\d\d \d\d:/.test(line) ? line.trim().split(', ') : undefined;
}

/** Without a heading (`--hide-header`), the two times distinguish the summary of 1.0 and later from other rows. */
function columnsOf(cells: readonly string[]): readonly string[] {
  const isSummary = readWallClock(cells[1] ?? '') !== undefined;
  const first = isSummary ? 'start.time, end.time' : 'time, threadId';
  const rest = 'data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms';
  return `${first}, ${rest}`.split(', ');
}

function readRow(cells: readonly string[], columns: readonly string[]) {
  const isDetailed = columns[0] === 'time';
  const shift = isDetailed && columns[1] !== 'threadId' ? 1 : 0;
  const cell = (name: string) => {
    const place = columns.indexOf(name);
    return place < 0 ? undefined : cells[place > 0 ? place + shift : 0];
  };
  const share = / for share consumer (\d{1,9})$/.exec(cells.at(-1) ?? '')?.[1];
  const startMs = isDetailed ? undefined : readWallClock(cell('start.time') ?? '');
  const endMs = readWallClock(cell(isDetailed ? 'time' : 'end.time') ?? '');
  const fewest = columns.includes('fetch.time.ms')
    ? columns.indexOf('fetch.time.ms') + shift + 1
    : columns.length + shift;
  if (endMs === undefined || (!isDetailed && startMs === undefined) || cells.length < fewest) return undefined;
  return {
    consumer: share ?? (isDetailed ? (cells[1] ?? '0') : 'all'),
    isWindow: isDetailed || share !== undefined,
    startMs,
    endMs,
    mib: readFigure(cell('data.consumed.in.MB')),
    messages: readFigure(cell('data.consumed.in.nMsg')),
    rate: readFigure(cell('nMsg.sec')),
    /** Not printed until 0.11. */
    fetchMs: readFigure(cell('fetch.time.ms')?.replace(/ for share consumer.*$/, '')),
    hasFetch: cell('fetch.time.ms') !== undefined && !columns.includes('threadId'),
  };
}

type TimedWindow = Record<'fromMs' | 'toMs' | 'messages', number>;

function importedLoad(rows: readonly ConsumerRow[], isTorn: boolean): ImportedLoad {
  const { doubts, doubt } = collectDoubts();
  const detailed = rows.filter(({ isWindow }) => isWindow);
  const { windows, left } = detailed.length > 0 ? windowsOf(detailed) : summaries(rows, { doubts, doubt });
  if (left > 0) {
    doubt('truncated', [
      `${left} of its ${rows.length} rows are of an interval without length, message or rate (NaN, Infinity, 0), and are left out`,
      `${rows.length} 行中有 ${left} 行的时长、消息数或速率无效（NaN、Infinity、0），已略去`,
    ]);
  }
  if (detailed.length > 0 && rows.length === detailed.length) {
    doubt('truncated', ['it prints no row of its last, unfinished interval', '未打印最后一个未完成的区间']);
  }
  if (isTorn) doubt('truncated', ['its last row is cut off', '最后一行不完整']);
  if (windows.length === 0) throw unreadableLoad(tool, 'no row has a time, a count and a rate', { hint });
  const begin = windows.reduce((least, { fromMs }) => Math.min(least, fromMs), Number.POSITIVE_INFINITY);
  return {
    broker: 'kafka',
    begins: { kind: 'local', wallMs: begin },
    produced: [],
    consumed: new Map([
      [
        unnamedGroup,
        windows.map(({ fromMs, toMs, messages }): LoadWindow => ({
          from: (fromMs - begin) / 1000,
          to: (toMs - begin) / 1000,
          messages,
        })),
      ],
    ]),
    isWarm: false,
    ...(isTorn && { isTruncated: true }),
    workload: defined({ messageBytes: sizeOf(rows) }),
    doubts,
  };
}

/**
 * Counts grow from row to row of a consumer; the length of its first row is computed from its rate. Time spent waiting
 * for partitions is excluded from the window.
 */
function windowsOf(rows: readonly ConsumerRow[]): { windows: TimedWindow[]; left: number } {
  const before = new Map<string, ConsumerRow>();
  const windows: TimedWindow[] = [];
  let left = 0;
  for (const row of rows) {
    const last = before.get(row.consumer);
    const messages = row.messages === undefined ? undefined : row.messages - (last?.messages ?? 0);
    const begin =
      row.startMs ?? last?.endMs ?? (row.rate && messages ? row.endMs - (1000 * messages) / row.rate : undefined);
    if (messages === undefined || begin === undefined || !(row.endMs > begin) || messages < 0) {
      left += 1;
    } else {
      const fetchMs = row.fetchMs ?? 0;
      const hasWaited = fetchMs > 0 && fetchMs < row.endMs - begin;
      windows.push({ fromMs: hasWaited ? row.endMs - fetchMs : begin, toMs: row.endMs, messages });
    }
    if (row.messages !== undefined) before.set(row.consumer, row);
  }
  return { windows, left };
}

function summaries(rows: readonly ConsumerRow[], { doubts, doubt }: ReturnType<typeof collectDoubts>) {
  const windows: TimedWindow[] = [];
  let left = 0;
  for (const { startMs = Number.NaN, endMs, messages, fetchMs, hasFetch, rate } of rows) {
    const elapsed = endMs - startMs;
    const isUsable = fetchMs !== undefined && fetchMs > 0 && fetchMs <= elapsed;
    if (messages === undefined || !(messages > 0) || !(elapsed > 0)) {
      left += 1;
      continue;
    }
    if (isUsable) {
      const waited = elapsed - fetchMs;
      if (waited > 0 && rate !== undefined) {
        doubts.push({
          flag: 'rebalance-included',
          what: [
            `its nMsg.sec of ${Math.round(rate)} includes ${waited} ms of waiting for partitions; the rate of its fetch time, ${Math.round((1000 * messages) / fetchMs)} msg/s, is used`,
            `其 nMsg.sec ${Math.round(rate)} 包含 ${waited} ms 的分区分配等待；采用按拉取时间计算的 ${Math.round((1000 * messages) / fetchMs)} 条/秒`,
          ],
          evidence: [
            { name: 'nMsg.sec', value: rate, unit: 'messages/s', source: tool },
            { name: 'fetch.nMsg.sec', value: (1000 * messages) / fetchMs, unit: 'messages/s', source: tool },
          ],
        });
      }
    } else {
      const [en, zh] = hasFetch
        ? [
            `its fetch.time.ms of ${fetchMs ?? 'no number'} is no part of the ${elapsed} ms it ran`,
            `其 fetch.time.ms（${fetchMs ?? '不是数字'}）不在 ${elapsed} ms 的运行时间之内`,
          ]
        : ['this release does not report it separately', '该版本不单独给出'];
      doubt('rebalance-included', [
        `its rate includes the wait for partitions: ${en}`,
        `速率包含分区分配的等待：${zh}`,
      ]);
    }
    windows.push({ fromMs: isUsable ? endMs - fetchMs : startMs, toMs: endMs, messages });
  }
  return { windows, left };
}

function sizeOf(rows: readonly ConsumerRow[]): number | undefined {
  const last = rows.at(-1);
  if (last?.mib === undefined || !last.messages || !(last.mib > 0)) return undefined;
  const bytes = (last.mib * 2 ** 20) / last.messages;
  return 0.00005 / last.mib <= 0.01 ? Math.max(1, Math.round(bytes)) : undefined;
}
