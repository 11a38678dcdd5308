// Lists the figures and formats the cells that are common to the text and page of a GC report.

import { durationText } from '../../core/text/duration-text.ts';
import { binaryBytesText, countText, ifKnown, percentText } from '../../core/text/quantity-text.ts';
import type { Figures, Step } from './gc-report.ts';
import type { Strings } from './page/strings.ts';

type FigureRow = readonly [
  name: string,
  value: (figures: Figures) => number | undefined,
  format: (value: number) => string,
  /** Name on the page; absent if the page does not show it. */
  title?: (strings: Strings) => string,
];

export const rate = (bytes: number) => `${binaryBytesText(bytes)}/s`;

export const figureRows: readonly FigureRow[] = [
  ['covered', ({ coveredSeconds }) => coveredSeconds, durationText, (page) => page.covered],
  ['throughput', ({ throughput }) => throughput, percentText, (page) => page.throughput],
  ['pauses', ({ pauses }) => pauses?.count, countText, (page) => page.pauses],
  ['paused in all', ({ pauses }) => pauses?.totalSeconds, durationText, (page) => page.total],
  ['pause p50', ({ pauses }) => pauses?.p50Seconds, durationText, () => 'p50'],
  ['pause p95', ({ pauses }) => pauses?.p95Seconds, durationText, () => 'p95'],
  ['pause p99', ({ pauses }) => pauses?.p99Seconds, durationText, () => 'p99'],
  ['pause p99.9', ({ pauses }) => pauses?.p999Seconds, durationText, () => 'p99.9'],
  ['longest pause', ({ pauses }) => pauses?.maxSeconds, durationText, (page) => page.longest],
  ['full collections', ({ fullGc }) => fullGc.count, countText, (page) => page.fullGc],
  ['stopped otherwise', ({ stopped }) => stopped.otherSeconds, durationText, (page) => page.otherStops],
  ['to safepoints', ({ stopped }) => stopped.timeToSafepointSeconds, durationText, (page) => page.timeToSafepoint],
  ['live set', ({ heap }) => heap.liveSetBytes, binaryBytesText, (page) => page.liveSet],
  ['peak of heap', ({ heap }) => heap.peakUsedBytes, binaryBytesText, (page) => page.peak],
  ['allocation', ({ allocationBytesPerSecond }) => allocationBytesPerSecond, rate, (page) => page.allocation],
  ['promotion', ({ promotionBytesPerSecond }) => promotionBytesPerSecond, rate, (page) => page.promotion],
  ['evacuation failures', ({ evacuationFailures }) => evacuationFailures, countText],
  ['stalls', ({ stalls }) => stalls?.count, countText],
];

export const typeCells = ({ type, cause, count, totalSeconds, maxSeconds }: Figures['byType'][number]) => [
  type,
  cause,
  countText(count),
  durationText(totalSeconds),
  durationText(maxSeconds),
];

export const stepCells = ({ step, targetTps, pauses, fullGc }: Step) => [
  String(step + 1),
  targetTps === undefined ? '–' : countText(targetTps),
  ifKnown(pauses?.count, countText),
  ifKnown(pauses?.totalSeconds, durationText),
  ifKnown(pauses?.p99Seconds, durationText),
  ifKnown(pauses?.maxSeconds, durationText),
  countText(fullGc.count),
];
