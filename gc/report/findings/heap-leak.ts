// Judges whether the live set of a JVM grows (leak) or fills the heap; reports the worst of several JVMs.

import type { FiguresFold } from '../figures-fold.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { binaryBytesText, percentText } from '../../../core/text/quantity-text.ts';
import { plain } from '../../../core/text/table.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { figure, type FindingRule, type Judged } from './finding-rule.ts';
import { liveSetTrend, longestHorizon } from '../live-set-trend.ts';

const hour = 3600;

export const heapLeak: FindingRule = ({ runs }) => {
  const growing = runs.flatMap((run) => growthOf(run) ?? []);
  const [worst] = growing.toSorted((a, b) => secondsLeft(a) - secondsLeft(b) || b.trend.perSecond - a.trend.perSecond);
  if (worst === undefined) return undefined;
  const { run, trend, left } = worst;
  const leftSeconds = left === undefined ? undefined : Math.max(0, left);
  const full = leftSeconds === undefined ? '' : ` At this slope the heap is full in ${durationText(leftSeconds)}.`;
  const fullZh = leftSeconds === undefined ? '' : `按此速度，距堆占满还有 ${durationText(leftSeconds, 'zh')}。`;
  const perHour = (perSecond: number) => binaryBytesText(perSecond * hour);
  return {
    severity: 'warning',
    en: `Heap use after old collections grows by ${perHour(trend.perSecond)} per hour${inLog(run, runs).en} (95% interval ${perHour(trend.low)} to ${perHour(trend.high)}, ${trend.samples} collections).${full} Take two heap histograms an hour apart (jcmd PID GC.class_histogram) and compare them.`,
    zh: `${inLog(run, runs).zh}老年代回收后的堆占用每小时增长 ${perHour(trend.perSecond)}（95% 区间 ${perHour(trend.low)} 至 ${perHour(trend.high)}，${trend.samples} 次回收）。${fullZh}请间隔一小时取两次堆直方图（jcmd PID GC.class_histogram）并比较。`,
    evidence: [
      figure('live set slope', trend.perSecond * hour, 'bytes per hour'),
      figure('lowest slope', trend.low * hour, 'bytes per hour'),
      figure('highest slope', trend.high * hour, 'bytes per hour'),
    ],
  };
};

function growthOf(run: FiguresFold) {
  const { liveSets, liveSetBytes, maxBytes } = run.heap;
  const trend = liveSetTrend(liveSets.points);
  if (trend === undefined || trend.low <= 0 || liveSetBytes === undefined) return undefined;
  const left = maxBytes === undefined ? undefined : (maxBytes - liveSetBytes) / trend.perSecond;
  return left !== undefined && left > longestHorizon ? undefined : { run, trend, left };
}

/** Uses the horizon as time to a full heap if the heap size is unknown. */
const secondsLeft = ({ left = longestHorizon }: { left: number | undefined }) => left;

const muchOfHeap = 0.8;

export const fullHeap: FindingRule = ({ runs }) => {
  const full = runs.flatMap((run) => {
    const { liveSetBytes, maxBytes } = run.heap;
    const isFull = liveSetBytes !== undefined && maxBytes !== undefined && liveSetBytes >= muchOfHeap * maxBytes;
    return isFull ? [{ run, liveSetBytes, share: liveSetBytes / maxBytes }] : [];
  });
  const [worst] = full.toSorted((a, b) => b.share - a.share);
  if (worst === undefined) return undefined;
  return {
    severity: 'warning',
    en: `${percentText(worst.share)} of the heap stays after an old collection${inLog(worst.run, runs).en}: the collector has little free heap. Raise -Xmx.`,
    zh: `${inLog(worst.run, runs).zh}老年代回收后仍占用堆的 ${percentText(worst.share)}，回收余地很小。请增大 -Xmx。`,
    evidence: [
      figure('live set', worst.liveSetBytes, 'bytes'),
      figure('much', muchOfHeap, 'ratio', 'eclipse-jifa, diagnosis of GC logs: old generation above 80%'),
    ],
  };
};

/** A single JVM is not named. */
const inLog = ({ log }: FiguresFold, runs: Judged['runs']): InLanguages<string> =>
  runs.length === 1 || log === undefined ? { en: '', zh: '' } : { en: ` in ${plain(log)}`, zh: `${plain(log)}：` };
