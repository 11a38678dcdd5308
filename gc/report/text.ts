// Renders the report as text within 100 columns: verdict, pauses, stops, heap and findings.

import type { Finding } from '../../core/documents/analysis.ts';
import type { Figures, GcReport, Run } from './gc-report.ts';
import { longestPauseText } from './longest-pause.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { columnsOf, type Paint, paintWith, plain, reportWidth, tableLines, wrap } from '../../core/text/table.ts';
import { binaryBytesText, countText, ifKnown, percentText, pluralText } from '../../core/text/quantity-text.ts';
import { stepCells, typeCells } from './table-cells.ts';
import { basename } from 'node:path';

/** Limit of table rows on a terminal; `--json` has all rows. */
const mostRows = 12;

const styles = { critical: 'red', warning: 'yellow', info: 'green' } as const;

export function renderText(report: GcReport, { colours }: { colours: boolean }): string {
  const paint = paintWith(colours);
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
  if (first === undefined) return ['No problems found in these logs'];
  const [head = '', ...rest] = wrap(`Verdict  ${first.message}`, reportWidth, 9);
  return [paint(['bold', styles[first.severity]], head), ...rest];
}

function runs(all: readonly Run[], paint: Paint): string[] {
  return [...runsTable(all, paint), ...more(all.length, 'JVMs with shorter pauses')];
}

function figures({ pauses, longestPause, stopped, throughput, heap, ...rest }: Figures): string[] {
  const pauseText =
    pauses === undefined
      ? undefined
      : `${countText(pauses.count)}, ${durationText(pauses.totalSeconds)} in all${
          pauses.maxSeconds === undefined
            ? ''
            : `; p50 ${percentile(pauses.p50Seconds)}, p95 ${percentile(pauses.p95Seconds)}, p99 ${percentile(pauses.p99Seconds)}, p99.9 ${percentile(pauses.p999Seconds)}, longest ${percentile(pauses.maxSeconds)}`
        }`;
  const lines: (readonly [string, string | undefined])[] = [
    ['Pauses', pauseText],
    ...(longestPause === undefined ? [] : [['Longest', plain(longestPauseText(longestPause))] as const]),
    [
      'Stopped',
      list([
        ifKnown(stopped.gcSeconds, (value) => `${durationText(value)} for GC`),
        ifKnown(stopped.otherSeconds, (value) => `${durationText(value)} for other reasons`),
        ifKnown(stopped.timeToSafepointSeconds, (value) => `${durationText(value)} of it time to safepoint`),
      ]),
    ],
    [
      'Throughput',
      list([
        ifKnown(throughput, percentText),
        ifKnown(rest.coveredSeconds, (value) => `of ${durationText(value)} that the log covers`),
      ]),
    ],
    [
      'Heap',
      list([
        ifKnown(heap.maxBytes, (value) => `at most ${binaryBytesText(value)}`),
        ifKnown(heap.peakUsedBytes, (value) => `peak ${binaryBytesText(value)}`),
        ifKnown(heap.liveSetBytes, (value) => `live set ${binaryBytesText(value)}`),
        ifKnown(heap.afterLastGcBytes, (value) => `after the last collection ${binaryBytesText(value)}`),
      ]),
    ],
    [
      'Rates',
      list([
        ifKnown(rest.allocationBytesPerSecond, (value) => `${binaryBytesText(value)}/s allocated`),
        ifKnown(rest.promotionBytesPerSecond, (value) => `${binaryBytesText(value)}/s promoted`),
      ]),
    ],
  ];
  return lines.flatMap(([name, text]) => wrap(`${name.padEnd(12)}${text ?? 'unknown'}`, reportWidth, 12));
}

function types({ byType }: Figures, paint: Paint): string[] {
  if (byType.length === 0) return [];
  const lines = table(
    ['pause', 'cause', '>count', '>total', '>longest'],
    byType.slice(0, mostRows).map(typeCells),
    paint,
  );
  return [...lines, ...more(byType.length, 'types')];
}

function concurrent({ concurrent: all }: Figures, paint: Paint): string[] {
  if (all.length === 0) return [];
  const rows = all
    .slice(0, mostRows)
    .map(({ type, count, totalSeconds, aborted }) => [
      type,
      countText(count),
      ifKnown(totalSeconds, durationText),
      countText(aborted),
    ]);
  return [...table(['concurrent', '>count', '>total', '>aborted'], rows, paint), ...more(all.length, 'kinds')];
}

function steps({ steps: all }: GcReport, paint: Paint): string[] {
  if (all === undefined) return [];
  const columns = ['>step', '>target msg/s', '>pauses', '>stopped', '>p99', '>longest', '>full GC', '>allocated/s'];
  const rows = all.map((step) => [...stepCells(step), ifKnown(step.allocationBytesPerSecond, binaryBytesText)]);
  return ['Steps of the load test', ...table(columns, rows, paint)];
}

function slowSeconds({ steps: all = [] }: GcReport, paint: Paint): string[] {
  const rows = all.flatMap(({ step, slowSeconds: slow }) => (slow === undefined ? [] : [{ step, ...slow }]));
  if (rows.length === 0) return [];
  const columns = [
    '>step',
    '>send p99',
    '>slow s',
    '>with GC',
    '>paused',
    '>all s with GC',
    '>p99 with GC',
    '>p99 without',
  ];
  const cells = rows.map((row) => [
    String(row.step + 1),
    durationText(row.p99Seconds),
    `${countText(row.slowSeconds)}/${countText(row.seconds)}`,
    countText(row.slowSecondsWithPause),
    ifKnown(row.pauseShareOfSlowSeconds, percentText),
    countText(row.secondsWithPause),
    ifKnown(row.p99WithPauseSeconds, durationText),
    ifKnown(row.p99WithoutPauseSeconds, durationText),
  ]);
  return [
    'Send latency and GC pauses (slow: seconds with a p99 above that of the step)',
    ...table(columns, cells, paint),
  ];
}

function findings(all: readonly Finding[], paint: Paint): string[] {
  if (all.length === 0) return [];
  return [
    'Findings',
    ...all.flatMap(({ severity, message }) => {
      const [head = '', ...rest] = wrap(`${severity.padEnd(9)}${message}`, reportWidth, 9);
      return [paint(styles[severity], head.slice(0, 9)) + head.slice(9), ...rest];
    }),
  ];
}

function unparsed({ unparsed: { lines, shapes } }: Figures): string[] {
  if (lines === 0) return [];
  return [
    `Not understood: ${pluralText(lines, 'line')}`,
    ...shapes
      .slice(0, 5)
      .map(({ count, example }) => `${countText(count).padStart(8)} × ${plain(example.slice(0, reportWidth - 12))}`),
    ...more(shapes.length, 'shapes', 5),
  ];
}

function table(columns: readonly string[], rows: Parameters<typeof tableLines>[1], paint: Paint): string[] {
  const [title = '', ...lines] = tableLines(columnsOf(columns), rows);
  return [paint('dim', title), ...lines];
}

const percentile = (seconds: number | undefined) => ifKnown(seconds, durationText) ?? 'unknown';

const list = (parts: readonly (string | undefined)[]) =>
  parts.filter((part) => part !== undefined).join(', ') || undefined;

const more = (count: number, what: string, shown = mostRows) =>
  count > shown ? [`… and ${countText(count - shown)} more ${what}; --json has all`] : [];

/** @returns runs with the longest pauses, in the order of the logs; the first line is the header */
function runsTable(runs: readonly Run[], paint: Paint): string[] {
  const isOne = runs.length === 1;
  const shown = new Set(runs.toSorted((a, b) => longestOf(b) - longestOf(a)).slice(0, mostRows));
  const rows = runs
    .filter((run) => shown.has(run))
    .map((run) => [
      isOne ? run.jvmVersion?.replace(/[-+].*/, '') : run.log && shortened(basename(run.log)),
      run.collector,
      run.startedAt?.replace(/\.\d+Z$/, 'Z'),
      ifKnown(run.uptimeSeconds, durationText),
      ifKnown(run.pauses?.count, countText),
      ifKnown(run.pauses?.maxSeconds, durationText),
      countText(run.fullGc.count),
      ifKnown(run.throughput, percentText),
    ]);
  const columns = ['collector', 'started', '>age', '>pauses', '>longest', '>full GC', '>throughput'];
  return table([isOne ? 'JVM' : 'log', ...columns], rows, paint);
}

const longestOf = ({ pauses }: Run) => pauses?.maxSeconds ?? 0;

/** RocketMQ appends the process id and the date to its log names. */
const longestName = 22;
const shortened = (name: string) => (name.length > longestName ? `…${name.slice(1 - longestName)}` : name);
