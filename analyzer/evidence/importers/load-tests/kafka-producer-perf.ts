// Imports kafka-producer-perf-test: a line every 5 s, a total, and since 4.2 a second total of the steady state.

import type { Percentiles } from '../../../../core/documents/analysis.ts';
import { countText } from '../../../../core/text/quantity-text.ts';
import { collectDoubts, type ImportedLoad, type LoadTestImporter, type LoadWindow } from './load-test-importer.ts';
import { isMetric, metricSeconds, throttleIn } from './kafka-client-metrics.ts';
import { linesOf, readFigure, shown, unreadableLoad } from './text-lines.ts';
import { defined } from '../../../../core/defined.ts';

/*
 * window   N records sent, R records/sec (M MB/sec), L ms avg latency, X ms max latency.        until 2.1: X max latency.
 * total    N records sent, R records/sec (M MB/sec), L ms avg latency, X ms max latency, a ms 50th, b ms 95th, c ms 99th, d ms 99.9th.
 * 4.2      Warmup first N records. …   In steady state.   followed by a total of `N steady state records sent`
 * metrics  with --print-metrics, after the total (kafka-client-metrics.ts)
 * failed   org.apache.kafka.common.errors.TimeoutException: …     one per failed record, on standard error; stack frames may follow
 * log      [2026-11-20 19:58:37,001] ERROR … Uncaught error in kafka producer I/O thread: …     its exception is on the next line
 * MB are MiB; numbers follow the locale (comma); a line may begin with a prefix from a logger or ts(1).
 * From ProducerPerformance.Stats and, for the log, Sender of apache/kafka.
 */
const tool = 'kafka-producer-perf-test';
const marks = [' steady state records sent, ', ' records sent, '];
/** Prefix of ts(1) or a logger. */
const timeStamp = String.raw`^(?:(?:[A-Z][a-z]{2} )?[\d\s:.,T/+[-]{0,40}\d\]? )?`;
/** Causes, stack frames and log lines have other text before the exception. */
const exception = new RegExp(String.raw`${timeStamp}org\.apache\.kafka\.common\.errors\.\w{1,100}Exception(?::|$)`);
/** An exception after one of these log lines is not a failed record. Other log lines, such as of retries, rarely have one. */
const logged = /Uncaught error in kafka producer|Aborting producer batches due to fatal error/;

type Printed = Exclude<ReturnType<typeof readPrinted>, 'broken' | undefined>;

interface PrintedWindow extends Printed {
  /** Failed records since the previous window. */
  failed: number;
}

export const kafkaProducerPerf = {
  tool,
  reads:
    'all releases, with decimal comma, prefixes, warm-up and `--print-metrics`: produced, failed, percentiles, record size, throttle time; no times',
  detect: (head) => /\d (?:steady state )?records sent, [^ ]{1,30} records\//.test(head),

  import({ text }) {
    const loads: ImportedLoad[] = [];
    let test = new Test();
    const finish = (): void => {
      if (test.windows.length > 0 || test.total !== undefined) loads.push(importedLoad(test));
      test = new Test();
    };
    let isAfterLogged = false;
    for (const { number, text: line, isTorn } of linesOf(text, tool)) {
      const isFailure = !isAfterLogged && exception.test(line);
      isAfterLogged = logged.test(line);
      if (line.includes('Warmup first ')) {
        if (test.total !== undefined) finish();
        test.hasWarmUp = true;
      } else if (line.includes('In steady state.') || line.includes('Beginning steady state.')) {
        test.warmUpSeconds = test.windows.reduce((sum, window) => sum + secondsOf(window), 0);
        test.windows = [];
        test.failed = 0;
      } else if (isFailure) {
        if (test.total !== undefined) finish();
        test.failed += 1;
      }
      if (isMetric(line)) test.metrics.push(line);
      const printed = readPrinted(line);
      if (printed === undefined) continue;
      if (printed === 'broken') {
        if (!isTorn) throw unreadableLoad(tool, `${shown(line)} is not as the tool prints it`, { line: number, hint });
        test.isTorn = true;
      } else if (printed.percentilesMs.size === 0 && !printed.isSteady) {
        if (test.total !== undefined) finish();
        test.windows.push({ ...printed, failed: test.failed });
        test.failed = 0;
      } else if (printed.isSteady) {
        test.steady = printed;
      } else {
        if (test.total !== undefined) finish();
        test.total = printed;
      }
    }
    finish();
    if (loads.length === 0) throw unreadableLoad(tool, 'no complete line of figures found', { hint });
    return loads.length === 1 ? loads : loads.map((load, index) => ({ ...load, part: `test ${index + 1}` }));
  },
} satisfies LoadTestImporter;

const hint = 'give its standard output as it was printed, rates in records/sec';

class Test {
  windows: PrintedWindow[] = [];
  total: Printed | undefined;
  steady: Printed | undefined;
  hasWarmUp = false;
  /** Total length of the windows before the steady state. */
  warmUpSeconds = 0;
  isTorn = false;
  /** Failed records since the last window. */
  failed = 0;
  /** Lines of the table that --print-metrics adds. */
  readonly metrics: string[] = [];
}

function readPrinted(line: string) {
  const mark = marks.find((each) => line.includes(each));
  if (mark === undefined) return undefined;
  const at = line.indexOf(mark);
  const count = readFigure(/(\d{1,15})$/.exec(line.slice(Math.max(0, at - 15), at))?.[1]);
  const [rates = '', mean = '', max = '', ...rest] = line
    .slice(at + mark.length)
    .trim()
    .replace(/\.$/, '')
    .split(', ');
  const [, rate, mib] = /^(\S{1,30}) records\/sec \((\S{1,30}) MB\/sec\)$/.exec(rates) ?? [];
  const meanWord = /^(\S{1,30}) ms avg latency$/.exec(mean)?.[1];
  const maxWord = /^(\S{1,30}) (?:ms )?max latency$/.exec(max)?.[1];
  if (count === undefined || rate === undefined || meanWord === undefined || maxWord === undefined) return 'broken';
  const percentilesMs = new Map<string, number>();
  for (const each of rest) {
    const [, value, name] = /^(\S{1,30}) ms (50|95|99|99[.,]9)th$/.exec(each) ?? [];
    const figure = readFigure(value);
    if (name === undefined || figure === undefined) return 'broken';
    percentilesMs.set(name.replace(',', '.'), figure);
  }
  return {
    count,
    rate: readFigure(rate),
    mib: readFigure(mib),
    meanMs: readFigure(meanWord),
    maxMs: readFigure(maxWord),
    percentilesMs,
    isSteady: mark === marks[0],
  };
}

const secondsOf = ({ count, rate }: Printed): number => (rate !== undefined && rate > 0 ? count / rate : 0);

/** The last window of the warm-up is not printed, but the totals include it. */
const warmUpOf = ({ total, steady, warmUpSeconds }: Test): number =>
  total && steady ? Math.max(warmUpSeconds, secondsOf(total) - secondsOf(steady)) : warmUpSeconds;

function importedLoad(test: Test): ImportedLoad {
  const { windows: printed, total, steady, hasWarmUp, isTorn, failed, metrics } = test;
  const { doubts, doubt } = collectDoubts();
  const windows: (LoadWindow & { failed: number })[] = [];
  let empty = 0;
  let seconds = warmUpOf(test);
  let failedBefore = 0;
  for (const { count, rate, meanMs, failed: failedIn } of printed) {
    failedBefore += failedIn;
    if (!(count > 0 && rate !== undefined && rate > 0)) {
      empty += 1;
      continue;
    }
    const from = seconds;
    seconds += count / rate;
    windows.push({
      from,
      to: seconds,
      messages: count,
      failed: failedBefore,
      ...(meanMs !== undefined && { meanLatencySeconds: meanMs / 1000 }),
    });
    failedBefore = 0;
  }
  const whole = steady ?? total;
  const counted = windows.reduce((sum, { messages }) => sum + messages, 0);
  if (whole !== undefined && counted > whole.count * 1.01 && total !== undefined && counted > total.count * 1.01) {
    throw unreadableLoad(
      tool,
      `its lines count ${counted} records and its total ${total.count}: several producers wrote into it at once`,
      { hint: 'give the output of each producer in a separate file' },
    );
  }
  // A test shorter than five seconds prints only the total.
  if (windows.length === 0 && whole !== undefined && secondsOf(whole) > 0) {
    const from = steady ? seconds : 0;
    windows.push({ from, to: from + secondsOf(whole), messages: whole.count, failed: 0 });
  }
  // No window is printed at the end, or while every record fails.
  const last = windows.at(-1);
  if (last) last.failed += failedBefore + failed;
  const allFailed = windows.reduce((sum, window) => sum + window.failed, 0);
  if (allFailed > 0) {
    doubts.push({
      flag: 'failed-sends',
      what: [
        `${countText(allFailed)} records failed with an exception: older releases count them as sent, too`,
        `${countText(allFailed)} 条记录因异常而失败：旧版本也将其计为已发送`,
      ],
      evidence: [{ name: 'failed records', value: allFailed, unit: 'messages', source: 'exceptions in its output' }],
    });
  }
  if (empty > 0) {
    doubt('truncated', [
      `${empty} of its lines count no record or have no rate, and are left out`,
      `${empty} 行没有记录数或速率，已略去`,
    ]);
  }
  if (whole === undefined || isTorn) {
    doubt('truncated', [
      'its last line, the total with the percentiles, is missing: the tool was stopped or its output cut',
      '缺少最后一行（带百分位数的汇总）：工具被停止，或输出被截断',
    ]);
  }
  if (!hasWarmUp) doubt('no-warm-up', ['its results include connecting and warm-up', '数据包含建立连接和预热']);
  const latency = whole === undefined ? undefined : percentilesOf(whole);
  if (latency) {
    doubt('coarse-latency', [
      'its percentiles are whole milliseconds of at most 500,000 records, every n-th of more',
      '百分位数精确到毫秒，最多取 500,000 条记录，超出时按间隔抽样',
    ]);
  }
  doubt('coordinated-omission', [
    'its latency counts from the moment a record was really sent',
    '延迟从记录实际发出的时刻算起',
  ]);
  const meanMs = whole?.meanMs;
  return {
    broker: 'kafka',
    begins: { kind: 'unknown' },
    produced: withThrottle(windows, metrics),
    consumed: new Map(),
    isWarm: hasWarmUp,
    ...(latency && { latencySeconds: latency }),
    ...(meanMs !== undefined && { latencyMeanSeconds: meanMs / 1000 }),
    ...((whole === undefined || isTorn) && { isTruncated: true }),
    workload: defined({ messageBytes: sizeOf(whole ?? printed.at(-1)) }),
    doubts,
  };
}

/** The metrics cover only the end of the test; earlier throttling is unknown. */
function withThrottle(windows: readonly LoadWindow[], metrics: readonly string[]): readonly LoadWindow[] {
  const end = windows.at(-1)?.to ?? 0;
  return windows.map((window) => {
    const throttled = window.from >= end - metricSeconds ? throttleIn(metrics, window.to - window.from) : undefined;
    return throttled === undefined ? window : { ...window, throttled };
  });
}

function percentilesOf({ percentilesMs, maxMs }: Printed): Percentiles | undefined {
  const at = (name: string) => percentilesMs.get(name);
  const [p50, p99, p999] = [at('50'), at('99'), at('99.9')];
  if (p50 === undefined || p99 === undefined || p999 === undefined || maxMs === undefined) return undefined;
  return { p50: p50 / 1000, p99: p99 / 1000, p999: p999 / 1000, max: maxMs / 1000 };
}

/** MB/sec has two decimals: the size is known if they allow only one whole number of bytes, or less than 1% of uncertainty. */
function sizeOf(printed: Printed | undefined): number | undefined {
  const { rate, mib } = printed ?? {};
  if (rate === undefined || mib === undefined || !(rate > 0) || !(mib > 0)) return undefined;
  const bytes = (mib * 2 ** 20) / rate;
  const doubt = (0.005 * 2 ** 20) / rate;
  return doubt <= 0.01 * bytes ? Math.max(1, roundWithin(bytes, doubt)) : undefined;
}

/** Returns the roundest whole number within the uncertainty, because people choose round sizes. */
function roundWithin(bytes: number, doubt: number): number {
  for (const unit of [1024, 1000, 512, 500, 256, 128, 100, 64, 50, 10, 5]) {
    const near = Math.round(bytes / unit) * unit;
    if (near > 0 && Math.abs(near - bytes) <= doubt) return near;
  }
  return Math.round(bytes);
}
