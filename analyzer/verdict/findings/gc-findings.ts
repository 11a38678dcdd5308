// Reports brokers that spent much time in GC during the load, as counted by jstat.

import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { overlap } from '../../evidence/holes.ts';
import type { JvmInterval, LoadTestRun } from '../../evidence/load-test-run.ts';

/** Acceptable share of time for a JVM that is configured for rare pauses. */
export const muchCollecting = {
  value: 0.05,
  source: 'Oracle, HotSpot GC Tuning Guide: -XX:GCTimeRatio=19 targets at most 5% of the time',
};

export function gcFindings({ jvms, steps }: Pick<LoadTestRun, 'jvms' | 'steps'>): Finding[] {
  return [...jvms].flatMap(([host, intervals]): Finding[] => {
    const during = intervals.filter((interval) => steps.some((step) => overlap(interval, step) > 0));
    const seconds = sum(during, ({ from, to }) => to - from);
    if (seconds === 0) return [];
    const young = sum(during, ({ rates }) => rates.youngCollections);
    const full = sum(during, ({ rates }) => rates.fullCollections);
    const ofOldJvm = during.filter(({ rates }) => rates.concurrentCollections === undefined);
    const possiblyCms = sum(ofOldJvm, ({ rates }) => rates.fullCollections);
    const share =
      sum(during, ({ rates }) => rates.youngSeconds + rates.fullSeconds + (rates.concurrentSeconds ?? 0)) / seconds;
    const isCalm = share < muchCollecting.value && full === possiblyCms;
    return [findingOf(isCalm ? 'gc-calm' : 'gc-busy', { host, share, young, full, possiblyCms, much: muchCollecting })];
  });
}

function sum(intervals: readonly JvmInterval[], of: (interval: JvmInterval) => number): number {
  return intervals.reduce((total, interval) => total + of(interval), 0);
}
