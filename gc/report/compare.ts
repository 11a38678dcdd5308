// Renders the figures of two sets of logs side by side.

import { findingRules } from './findings/registry.ts';
import type { Figures, GcReport } from './gc-report.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { binaryBytesText, changeText, countText, ifKnown, percentText } from '../../core/text/quantity-text.ts';
import { columnsOf, tableLines } from '../../core/text/table.ts';

type ComparedFigure = readonly [
  name: string,
  value: (figures: Figures) => number | undefined,
  format: (value: number) => string,
];

const rate = (bytes: number) => `${binaryBytesText(bytes)}/s`;

const rows: readonly ComparedFigure[] = [
  ['covered', ({ coveredSeconds }) => coveredSeconds, durationText],
  ['throughput', ({ throughput }) => throughput, percentText],
  ['pauses', ({ pauses }) => pauses?.count, countText],
  ['paused in all', ({ pauses }) => pauses?.totalSeconds, durationText],
  ['pause p50', ({ pauses }) => pauses?.p50Seconds, durationText],
  ['pause p95', ({ pauses }) => pauses?.p95Seconds, durationText],
  ['pause p99', ({ pauses }) => pauses?.p99Seconds, durationText],
  ['pause p99.9', ({ pauses }) => pauses?.p999Seconds, durationText],
  ['longest pause', ({ pauses }) => pauses?.maxSeconds, durationText],
  ['full collections', ({ fullGc }) => fullGc.count, countText],
  ['stopped otherwise', ({ stopped }) => stopped.otherSeconds, durationText],
  ['to safepoints', ({ stopped }) => stopped.timeToSafepointSeconds, durationText],
  ['live set', ({ heap }) => heap.liveSetBytes, binaryBytesText],
  ['peak of heap', ({ heap }) => heap.peakUsedBytes, binaryBytesText],
  ['allocation', ({ allocationBytesPerSecond }) => allocationBytesPerSecond, rate],
  ['promotion', ({ promotionBytesPerSecond }) => promotionBytesPerSecond, rate],
  ['evacuation failures', ({ evacuationFailures }) => evacuationFailures, countText],
  ['stalls', ({ stalls }) => stalls?.count, countText],
];

export function renderComparison(a: GcReport, b: GcReport): string {
  const table = tableLines(
    columnsOf(['', '>A', '>B', '>B to A']),
    rows.flatMap(([name, value, format]) => {
      const [left, right] = [value(a), value(b)];
      if (left === undefined && right === undefined) return [];
      return [[name, ifKnown(left, format), ifKnown(right, format), change(left, right)]];
    }),
  );
  const lines = [...sets(a, b), '', ...table, '', ...onlyIn('A', a, b), ...onlyIn('B', b, a)];
  return `${lines.join('\n').trimEnd()}\n`;
}

function sets(a: GcReport, b: GcReport): string[] {
  return [a, b].map(({ files, findings: [verdict] }, index) => {
    const names = files.map(({ path }) => path).join(', ');
    return `${'AB'[index]}  ${names.length > 60 ? `${names.slice(0, 60)}…` : names}: ${verdict?.code ?? 'nothing found'}`;
  });
}

function change(a: number | undefined, b: number | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return '=';
  if (a === 0) return 'new';
  const factor = b / a;
  return factor >= 2 || factor <= 0.5 ? `× ${Number(factor.toPrecision(3))}` : changeText(factor - 1);
}

function onlyIn(name: string, here: GcReport, there: GcReport): string[] {
  const known = new Set(there.findings.map(({ code }) => code));
  return here.findings
    .filter(({ code, severity }) => severity !== 'info' && code in findingRules && !known.has(code))
    .map(({ message }) => `only ${name}: ${message}`);
}
