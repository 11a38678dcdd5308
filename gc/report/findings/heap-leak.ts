// Judges whether the live set grows (leak) or fills the heap.

import { trendOf } from '../live-set-trend.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { binaryBytesText, percentText } from '../../../core/text/quantity-text.ts';
import { figure, type FindingRule } from './finding-rule.ts';

const hour = 3600;
/** A program that has just started fills its caches. */
const shortestSeconds = 600;
/** A rise that is real but would take a month to fill the heap is no finding. */
const longestHorizon = 30 * 24 * hour;

export const heapLeak: FindingRule = ({ fold, figures: { heap } }) => {
  const { points } = fold.heap.liveSets;
  const seconds = (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
  const trend = seconds < shortestSeconds ? undefined : trendOf(points);
  if (trend === undefined || trend.low <= 0 || heap.liveSetBytes === undefined) return undefined;
  const left = heap.maxBytes === undefined ? undefined : (heap.maxBytes - heap.liveSetBytes) / trend.perSecond;
  if (left !== undefined && left > longestHorizon) return undefined;
  const full = left === undefined ? '' : ` At this slope the heap is full in ${durationText(Math.max(0, left))}.`;
  return {
    severity: 'warning',
    code: 'live-set-grows',
    message: `Heap use after old collections grows by ${binaryBytesText(trend.perSecond * hour)} per hour (95% interval ${binaryBytesText(trend.low * hour)} to ${binaryBytesText(trend.high * hour)}, ${trend.samples} collections).${full} Take two heap histograms an hour apart (jcmd PID GC.class_histogram) and compare them.`,
    evidence: [
      figure('live set slope', trend.perSecond * hour, 'bytes per hour'),
      figure('lowest slope', trend.low * hour, 'bytes per hour'),
      figure('highest slope', trend.high * hour, 'bytes per hour'),
    ],
  };
};

const muchOfHeap = 0.8;

export const fullHeap: FindingRule = ({ figures: { heap } }) => {
  const { liveSetBytes, maxBytes } = heap;
  if (liveSetBytes === undefined || maxBytes === undefined || liveSetBytes < muchOfHeap * maxBytes) return undefined;
  return {
    severity: 'warning',
    code: 'live-set-large',
    message: `${percentText(liveSetBytes / maxBytes)} of the heap stays after an old collection: the collector has little room. Raise -Xmx.`,
    evidence: [
      figure('live set', liveSetBytes, 'bytes'),
      {
        name: 'much',
        value: muchOfHeap,
        unit: 'ratio',
        source: 'eclipse-jifa, diagnosis of GC logs: old generation above 80%',
      },
    ],
  };
};
