// What does an operator read first? The verdict, then pauses, stops, heap and findings, within 100 columns.

import { styleText } from 'node:util';
import type { Finding } from '../../core/documents/analysis.ts';
import type { Figures, GcReport, Run } from './gc-report.ts';
import { longestPauseText } from './longest-pause.ts';
import { countText, durationText, numberText, percentText, sizeText } from './quantity-text.ts';
import { renderRunsTable } from './runs-table.ts';
import { plain, renderTable, wrap } from './table.ts';

const width = 100;
/** Rows of a table on a terminal; `--json` has all. */
const mostRows = 12;

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, words: string) => string;

const styles = { critical: 'red', warning: 'yellow', info: 'green' } as const;

export function renderText(report: GcReport, { colours }: { colours: boolean }): string {
  const paint: Paint = (style, words) => (colours ? styleText(style, words, { validateStream: false }) : words);
  const sections = [
    verdict(report.findings, paint),
    runs(report.runs, paint),
    figures(report),
    types(report, paint),
    concurrent(report, paint),
    steps(report, paint),
    slowSeconds(report, paint),
    findings(report.findings.slice(1), paint),
    unparsed(report),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function verdict([first]: readonly Finding[], paint: Paint): string[] {
  if (first === undefined) return ['Nothing was found in these logs'];
  const [head = '', ...rest] = wrap(`Verdict  ${first.message}`, width, 9);
  return [paint(['bold', styles[first.severity]], head), ...rest];
}

function runs(all: readonly Run[], paint: Paint): string[] {
  const [title = '', ...rows] = renderRunsTable(all, mostRows);
  return [paint('dim', title), ...rows, ...more(all.length, 'JVMs with shorter pauses')];
}

function figures({ pauses, longestPause, stopped, throughput, heap, ...rest }: Figures): string[] {
  const pauseWords =
    pauses === undefined
      ? undefined
      : `${numberText(pauses.count)}, ${durationText(pauses.totalSeconds)} in all${
          pauses.maxSeconds === undefined
            ? ''
            : `; p50 ${percentile(pauses.p50Seconds)}, p95 ${percentile(pauses.p95Seconds)}, p99 ${percentile(pauses.p99Seconds)}, p99.9 ${percentile(pauses.p999Seconds)}, longest ${percentile(pauses.maxSeconds)}`
        }`;
  const lines: (readonly [string, string | undefined])[] = [
    ['Pauses', pauseWords],
    ...(longestPause === undefined ? [] : [['Longest', plain(longestPauseText(longestPause))] as const]),
    [
      'Stopped',
      list([
        maybe(stopped.gcSeconds, (value) => `${durationText(value)} for GC`),
        maybe(stopped.otherSeconds, (value) => `${durationText(value)} for anything else`),
        maybe(stopped.timeToSafepointSeconds, (value) => `${durationText(value)} of it until all threads had stopped`),
      ]),
    ],
    [
      'Throughput',
      list([
        maybe(throughput, percentText),
        maybe(rest.coveredSeconds, (value) => `of ${durationText(value)} that the log covers`),
      ]),
    ],
    [
      'Heap',
      list([
        maybe(heap.maxBytes, (value) => `at most ${sizeText(value)}`),
        maybe(heap.peakUsedBytes, (value) => `peak ${sizeText(value)}`),
        maybe(heap.liveSetBytes, (value) => `live set ${sizeText(value)}`),
        maybe(heap.afterLastGcBytes, (value) => `after the last collection ${sizeText(value)}`),
      ]),
    ],
    [
      'Rates',
      list([
        maybe(rest.allocationBytesPerSecond, (value) => `${sizeText(value)}/s allocated`),
        maybe(rest.promotionBytesPerSecond, (value) => `${sizeText(value)}/s promoted`),
      ]),
    ],
  ];
  return lines.flatMap(([name, words]) => wrap(`${name.padEnd(12)}${words ?? 'unknown'}`, width, 12));
}

function types({ byType }: Figures, paint: Paint): string[] {
  if (byType.length === 0) return [];
  const [title = '', ...rows] = renderTable(
    ['pause', 'cause', '>count', '>total', '>longest'],
    byType
      .slice(0, mostRows)
      .map(({ type, cause, count, totalSeconds, maxSeconds }) => [
        type,
        cause,
        numberText(count),
        durationText(totalSeconds),
        durationText(maxSeconds),
      ]),
  );
  return [paint('dim', title), ...rows, ...more(byType.length, 'types')];
}

function concurrent({ concurrent: all }: Figures, paint: Paint): string[] {
  if (all.length === 0) return [];
  const [title = '', ...rows] = renderTable(
    ['beside the application', '>count', '>total', '>aborted'],
    all
      .slice(0, mostRows)
      .map(({ type, count, totalSeconds, aborted }) => [
        type,
        numberText(count),
        maybe(totalSeconds, durationText),
        numberText(aborted),
      ]),
  );
  return [paint('dim', title), ...rows, ...more(all.length, 'kinds')];
}

function steps({ steps: all }: GcReport, paint: Paint): string[] {
  if (all === undefined) return [];
  const [title = '', ...rows] = renderTable(
    ['>step', '>asked msg/s', '>pauses', '>stopped', '>p99', '>longest', '>full GC', '>allocated/s'],
    all.map(({ step, targetTps, pauses, fullGc, allocationBytesPerSecond }) => [
      String(step + 1),
      targetTps === undefined ? '–' : numberText(targetTps),
      maybe(pauses?.count, numberText),
      maybe(pauses?.totalSeconds, durationText),
      maybe(pauses?.p99Seconds, durationText),
      maybe(pauses?.maxSeconds, durationText),
      numberText(fullGc.count),
      maybe(allocationBytesPerSecond, sizeText),
    ]),
  );
  return ['Steps of the load test', paint('dim', title), ...rows];
}

function slowSeconds({ steps: all = [] }: GcReport, paint: Paint): string[] {
  const rows = all.flatMap(({ step, slowSeconds: slow }) => (slow === undefined ? [] : [{ step, ...slow }]));
  if (rows.length === 0) return [];
  const [title = '', ...lines] = renderTable(
    ['>step', '>send p99', '>slow s', '>with GC', '>paused', '>all s with GC', '>p99 with GC', '>p99 without'],
    rows.map((row) => [
      String(row.step + 1),
      durationText(row.p99Seconds),
      `${numberText(row.slowSeconds)}/${numberText(row.seconds)}`,
      numberText(row.slowSecondsWithPause),
      maybe(row.pauseShareOfSlowSeconds, percentText),
      numberText(row.secondsWithPause),
      maybe(row.p99WithPauseSeconds, durationText),
      maybe(row.p99WithoutPauseSeconds, durationText),
    ]),
  );
  return [
    'Send latency and GC pauses (slow: seconds with a p99 above that of the step)',
    paint('dim', title),
    ...lines,
  ];
}

function findings(all: readonly Finding[], paint: Paint): string[] {
  if (all.length === 0) return [];
  return [
    'Findings',
    ...all.flatMap(({ severity, message }) => {
      const [head = '', ...rest] = wrap(`${severity.padEnd(9)}${message}`, width, 9);
      return [paint(styles[severity], head.slice(0, 9)) + head.slice(9), ...rest];
    }),
  ];
}

function unparsed({ unparsed: { lines, shapes } }: Figures): string[] {
  if (lines === 0) return [];
  return [
    `Not understood: ${countText(lines, 'line')}`,
    ...shapes
      .slice(0, 5)
      .map(({ count, example }) => `${numberText(count).padStart(8)} × ${plain(example.slice(0, width - 12))}`),
    ...more(shapes.length, 'shapes', 5),
  ];
}

const percentile = (seconds: number | undefined) => maybe(seconds, durationText) ?? 'unknown';

const list = (parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined).join(', ') || undefined;

const more = (count: number, what: string, shown = mostRows) =>
  count > shown ? [`… and ${numberText(count - shown)} more ${what}; --json has all`] : [];

function maybe<T>(value: T | undefined, words: (value: T) => string): string | undefined {
  return value === undefined ? undefined : words(value);
}
