// Builds the data for charts of recorded readings: lines, limits, shared times and events.

import type { DrawnLine, DrawnMark, LinesData, SharedTimes } from '../line-charts.ts';
import type { View } from '../view.ts';
import { nodeText } from '../../../core/text/quantity-text.ts';
import {
  slotsOf,
  type ReadingsChart,
  type ReadingsContent,
  type ReadingsLine,
  type SlotValues,
} from './readings-view.ts';
import { readingsLanguages } from './readings-texts.ts';

const minuteMs = 60_000;
const dayMs = 1440 * minuteMs;
/** Intervals that are easy to read on a time axis. */
const tickDistances = [2, 10, 30, 60, 240, 720, 1440, 2880, 10_080, 20_160].map((minutes) => minutes * minuteMs);
const mostTicks = 8;

export function labelOf(
  { label }: ReadingsLine,
  { of }: Pick<ReadingsChart, 'of'>,
  { language, strings }: View,
): string {
  const texts = readingsLanguages[language];
  if (label === 'subject') return of === 'load' ? texts.produced : texts.subjects[of];
  if (label === 'others') return texts.others;
  // The lines of a resource are brokers, and the id of a Kafka broker is a number, like the value beside it.
  if (of in strings.names) return nodeText(label.name, language);
  return label.isNew ? texts.newTopic(label.name) : label.name;
}

/** Builds the data of all charts; small charts have a third of the points. */
export function chartData(content: ReadingsContent, view: View): LinesData {
  const { charts, nowMs, marks, alerts } = content;
  const { strings, language } = view;
  const texts = readingsLanguages[language];
  const { slotMs, firstMs } = slotsOf(content);
  const indexOf = (ms: number) => (ms - firstMs) / slotMs;
  const events: DrawnMark[] = [
    ...marks.map(({ at, kind }) => ({ index: indexOf(Date.parse(at)), label: strings.pages.entries.kinds[kind] })),
    ...alerts.slice(-mostAlerts).map(({ name, startMs, endMs = nowMs }) => ({
      index: indexOf(startMs),
      label: `▲ ${name}`,
      until: indexOf(endMs),
    })),
  ];
  const limitTexts = { safe: strings.safeMax, saturation: strings.saturation, policy: strings.policyLimit };
  return {
    times: [timesOf(content, 1, view), timesOf(content, slotsOfSmall, view)],
    charts: charts.map((chart, index) => ({
      id: `readings-${chart.of}`,
      times: index === 0 ? 0 : 1,
      unit: chart.unit,
      ...(chart.unit === 'rate' && { axis: strings.perSecond }),
      ...(chart.isStacked && { isStacked: true }),
      // Fitted, because levels differ only slightly between brokers.
      ...(chart.of === 'disk-space' && { isFitted: true }),
      lines: chart.lines.flatMap((line) =>
        linesOf(line, {
          label: labelOf(line, chart, view),
          highest: texts.highest,
          each: index === 0 ? 1 : slotsOfSmall,
        }),
      ),
      limits: chart.limits.map(({ of: limit, value }) => ({ label: limitTexts[limit], value, role: limit })),
      // Small charts have no room for names.
      marks: events.map((mark) => (index === 0 ? mark : inSmall(mark))),
    })),
  };
}

const slotsOfSmall = 3;
/** Limit, because more bars above a chart cannot be distinguished; the table has all. */
const mostAlerts = 20;

const inSmall = ({ index, until }: DrawnMark): DrawnMark => ({
  index: index / slotsOfSmall,
  label: '',
  ...(until !== undefined && { until: until / slotsOfSmall }),
});

/** Longer than between two readings of the slowest usual scrape. */
const currentMs = 150_000;

/** Returns the names of the points, and which of them the axis shows. */
function timesOf(content: ReadingsContent, each: number, { numbers, language }: View): SharedTimes {
  const { slotMs, slots, firstMs } = slotsOf(content);
  const spanMs = slots * slotMs;
  const count = slots / each;
  const tickMs = tickDistances.find((distance) => spanMs / distance <= mostTicks) ?? dayMs * 30;
  const points = Array.from({ length: count }, (_, point) => firstMs + point * each * slotMs);
  const pastMark = (atMs: number) => atMs % tickMs;
  const isMarked = (atMs: number) => pastMark(atMs) < each * slotMs;
  // Longer ranges include month and day.
  const nameOf = (atMs: number) => (spanMs > dayMs ? numbers.moment(atMs).slice(5, 16) : numbers.time(atMs));
  const x = points.map((atMs) => nameOf(atMs - (isMarked(atMs) ? pastMark(atMs) : 0)));
  const ticks = points.flatMap((atMs, point) => (isMarked(atMs) && point < count - 1 ? [point] : []));
  if (content.range === 'custom') return { x, ticks };
  const current = Math.ceil(currentMs / (each * slotMs)) + 1;
  return { x: [...x.slice(0, -1), readingsLanguages[language].now], ticks: [...ticks, count - 1], current };
}

/** Replaces the newest value, the mean of an incomplete slot, by the last reading. */
export function endingWith<Gap>(values: readonly (number | Gap)[], last: number | undefined): (number | Gap)[] {
  const newest = values.findLastIndex((value) => typeof value === 'number');
  return values.map((value, index) => (index === newest ? (last ?? value) : value));
}

function linesOf(
  { mean, max, last }: ReadingsLine,
  { label, highest, each }: { label: string; highest: (line: string) => string; each: number },
): DrawnLine[] {
  const thinned = (all: SlotValues, of: typeof meanOf) =>
    Array.from({ length: all.length / each }, (_, point) => of(all.slice(point * each, (point + 1) * each)) ?? null);
  return [
    { label, values: endingWith(thinned(mean, meanOf), last) },
    ...(max === undefined ? [] : [{ label: highest(label), values: thinned(max, highestOf), role: 'peak' as const }]),
  ];
}

export function meanOf(values: SlotValues): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : rounded(known.reduce((sum, value) => sum + value, 0) / known.length);
}

export function highestOf(values: SlotValues): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : rounded(Math.max(...known));
}

/** Charts show no more digits. */
const rounded = (value: number) => Number(value.toPrecision(3));
