// Imports a HdrHistogram log: messages and latencies per interval.

import { build, decodeFromCompressedBase64 } from 'hdr-histogram-js';
import { defined } from '../../../../core/defined.ts';
import type { Percentiles } from '../../../../core/documents/analysis.ts';
import {
  collectDoubts,
  unnamedGroup,
  type ImportedLoad,
  type LoadTestImporter,
  type LoadWindow,
  type PrintedBegin,
} from './load-test-importer.ts';
import { linesOf, readFigure, shown, unreadableLoad } from './text-lines.ts';
import { getOrMake } from '../../../../core/get-or-make.ts';

/*
 * #[StartTime: 1441812279.474 (seconds since epoch), …]     #[BaseTime: 1441812279.474 (seconds since epoch)]
 * "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
 * [Tag=NAME,]START,LENGTH,MAX,BASE64
 * START counts from the base time; without a base time, a large START counts from the epoch. MAX is in milliseconds,
 * which shows the unit of the values. From HistogramLogWriter of HdrHistogram 2.2; values of V2, compressed.
 */
const tool = 'HdrHistogram log';
const longestLine = 262_144;

export const hlog = {
  tool,
  reads:
    'V2, with and without tags: messages per interval, percentiles; times by `BaseTime`, `StartTime`, or since the epoch',
  detect: (head) =>
    head.includes('#[Histogram log format version') ||
    head.includes('"Interval_Compressed_Histogram"') ||
    /(?:^|\n)(?:Tag=[^,\n]{1,200},)?[\d.]{1,30},[\d.]{1,30},[\d.]{1,30},HISTFA/.test(head),

  import({ text }) {
    const series = new Map<string, Series>();
    const times: { start?: number; base?: number } = {};
    let torn = 0;
    for (const { number, text: line, isTorn } of linesOf(text, tool, longestLine)) {
      const [, which, seconds] = /^#\[(Start|Base)Time: ([\d.]{1,30})/.exec(line) ?? [];
      if (which !== undefined) times[which === 'Start' ? 'start' : 'base'] = Number(seconds);
      if (line === '' || line.startsWith('#') || line.startsWith('"')) continue;
      const interval = intervalOf(line);
      if (interval === undefined && isTorn) {
        torn += 1;
        continue;
      }
      if (interval === undefined)
        throw unreadableLoad(tool, `${shown(line)} is not an interval with a V2 histogram`, { line: number });
      addTo(getOrMake(series, interval.tag, newSeries), interval);
    }
    return [importedLoad(series, times, torn)];
  },
} satisfies LoadTestImporter;

type Series = ReturnType<typeof newSeries>;
const newSeries = () => ({
  windows: [] as LoadWindow[],
  sum: build({ bitBucketSize: 64, autoResize: true, numberOfSignificantValueDigits: 3 }),
  /** Values per second, detected from the printed maximum. */
  unit: 1e6,
});
function addTo(series: Series, { from, to, unit, histogram }: NonNullable<ReturnType<typeof intervalOf>>): void {
  const messages = histogram.totalCount;
  if (messages > 0) {
    series.unit = unit;
    series.sum.add(histogram);
  }
  series.windows.push({ from, to, messages, ...(messages > 0 && { meanLatencySeconds: histogram.mean / unit }) });
}

function intervalOf(line: string) {
  const [, tag = '', start, length, max, encoded] =
    /^(?:Tag=([^,]{1,200}),)?([\d.]{1,30}),([\d.]{1,30}),([\d.]{1,30}),([\w+/=]{1,262144})$/.exec(line) ?? [];
  const [from, seconds, printedMax] = [start, length, max].map(readFigure);
  if (from === undefined || seconds === undefined || !(seconds > 0) || encoded === undefined) return undefined;
  try {
    const histogram = decodeFromCompressedBase64(encoded);
    return { tag, from, to: from + seconds, unit: unitOf(histogram.maxValue, printedMax ?? 0), histogram };
  } catch {
    return undefined;
  }
}

/** Nanoseconds, microseconds or milliseconds: detected by the maximum, which is printed in milliseconds. */
function unitOf(maximum: number, milliseconds: number): number {
  if (!(maximum > 0) || !(milliseconds > 0)) return 1e6;
  const units = [1e9, 1e6, 1e3];
  const off = (unit: number) => Math.abs(Math.log(maximum / unit / (milliseconds / 1000)));
  return units.reduce((best, unit) => (off(unit) < off(best) ? unit : best));
}

/** Almost no client receives a response over a network faster. */
const leastSeconds = 50e-6;

/** By default, HistogramLogWriter divides the maximum by 1,000,000 even if the values are microseconds. */
const isTooFast = ({ sum, unit }: Series) =>
  unit === 1e9 && sum.totalCount > 0 && sum.getValueAtPercentile(1) / unit < leastSeconds;

const isConsumed = (tag: string) => /consumed|end.?to.?end|e2e/i.test(tag);
const isDelay = (tag: string) => /intended-to-sent|delay|schedule/i.test(tag);
const isService = (tag: string) => /sent-to-acknowledged|service/i.test(tag);

function importedLoad(
  all: ReadonlyMap<string, Series>,
  { start, base }: { start?: number; base?: number },
  torn: number,
): ImportedLoad {
  const tags = [...all.keys()];
  const consumedTags = tags.filter((tag) => isConsumed(tag) && !tag.includes('before-intended'));
  const produced = tags.filter((tag) => !isConsumed(tag) && !isDelay(tag) && !isService(tag));
  // Topics of a worker are parts of the worker's series.
  const producedTags = produced.filter((tag) => !produced.some((other) => other !== tag && isPartOf(tag, other)));
  const seriesOf = (chosen: readonly string[]) => chosen.flatMap((tag) => all.get(tag) ?? []);
  // End-to-end latencies use two clocks, and may be 0.
  const isUnclear = seriesOf(producedTags.length > 0 ? producedTags : consumedTags).some(isTooFast);
  const windowsOf = (chosen: readonly string[]) =>
    seriesOf(chosen).flatMap(({ windows }) =>
      isUnclear ? windows.map(({ from, to, messages }) => ({ from, to, messages })) : windows,
    );
  const [sent, received] = [windowsOf(producedTags), windowsOf(consumedTags)];
  const begin = [...sent, ...received].reduce((least, { from }) => Math.min(least, from), Number.POSITIVE_INFINITY);
  if (!Number.isFinite(begin)) throw unreadableLoad(tool, 'no interval of sent or received messages found');
  const shift = (windows: readonly LoadWindow[]) =>
    windows.map((window) => ({ ...window, from: window.from - begin, to: window.to - begin }));
  const { doubts, doubt } = collectDoubts({ flag: 'no-warm-up', what: ['its warm-up is unknown', '是否包含预热未知'] });
  if (!producedTags.some((tag) => tag.includes('intended')))
    doubt('coordinated-omission', [
      'it is unknown whether its latencies count from the intended send time',
      '延迟是否从计划发送时刻算起未知',
    ]);
  if (torn > 0) doubt('truncated', ['its last line is cut off and left out', '最后一行不完整，已略去']);
  if (isUnclear)
    doubt('truncated', [
      'its latencies are left out, because their unit is unclear: the fastest 1% are below 50 µs if they are nanoseconds. If they are microseconds, write the log with a maxValueUnitRatio of 1000',
      '延迟的单位不明，已略去：若为纳秒，则最快的 1% 低于 50 µs。若为微秒，请以 maxValueUnitRatio 1000 写日志',
    ]);
  const [latencySeconds, endToEndSeconds] = [producedTags, consumedTags].map((chosen) =>
    isUnclear ? undefined : percentilesOf(seriesOf(chosen)),
  );
  return {
    begins: beginOf(begin, base, start),
    produced: shift(sent),
    consumed: received.length > 0 ? new Map([[unnamedGroup, shift(received)]]) : new Map(),
    isWarm: false,
    ...defined({ latencySeconds, endToEndSeconds }),
    ...(torn > 0 && { isTruncated: true }),
    workload: {},
    ...(tags.length > 1 && {
      notes: [{ kind: 'tags' as const, tags: tags.length, sent: producedTags, received: consumedTags }],
    }),
    doubts,
  };
}

/** `w1.orders.intended-to-acknowledged` is also counted in `w1.intended-to-acknowledged`. */
function isPartOf(tag: string, whole: string): boolean {
  const [worker, series] = [whole.slice(0, whole.lastIndexOf('.') + 1), whole.slice(whole.lastIndexOf('.'))];
  return worker !== '' && tag.length > whole.length && tag.startsWith(worker) && tag.endsWith(series);
}

function percentilesOf(series: readonly Series[]): Percentiles | undefined {
  const [first] = series;
  if (first === undefined || series.some(({ unit }) => unit !== first.unit)) return undefined;
  const sum = newSeries().sum;
  for (const each of series) sum.add(each.sum);
  if (sum.totalCount === 0) return undefined;
  const at = (percentile: number) => sum.getValueAtPercentile(percentile) / first.unit;
  return { p50: at(50), p99: at(99), p999: at(99.9), max: sum.maxValue / first.unit };
}

/** Ten years; no time since a start is longer, so a larger value counts from the epoch. */
const surelyEpoch = 315_360_000;

function beginOf(begin: number, base: number | undefined, start: number | undefined): PrintedBegin {
  if (base !== undefined) return { kind: 'instant', epochMs: (base + begin) * 1000 };
  if (begin > surelyEpoch) return { kind: 'instant', epochMs: begin * 1000 };
  return start === undefined ? { kind: 'unknown' } : { kind: 'instant', epochMs: (start + begin) * 1000 };
}
