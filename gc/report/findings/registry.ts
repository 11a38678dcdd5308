// Lists the rules about a GC log. The most severe finding is listed first and is the verdict.

import type { Finding } from '../../../core/documents/analysis.ts';
import { bySeverity } from '../../../core/severity.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { percentText } from '../../../core/text/quantity-text.ts';
import { allocationStalls, evacuationFailures, fullCollections, humongousObjects, timeLost } from './collections.ts';
import { figure, type FindingRule, type GcFinding, type Judged } from './finding-rule.ts';
import { fullHeap, heapLeak } from './heap-leak.ts';
import { logRules } from './log-itself.ts';
import { longStops, otherStops, slowSafepoint } from './long-stops.ts';
import { systemTime, waitingCollections } from './processor.ts';

/** In the order of findings of equal severity. */
export const findingRules = {
  'low-throughput': timeLost,
  'full-gc': fullCollections,
  'long-stop': longStops,
  'allocation-stall': allocationStalls,
  'slow-safepoint': slowSafepoint,
  'stop-without-gc': otherStops,
  'evacuation-failure': evacuationFailures,
  'live-set-grows': heapLeak,
  'live-set-large': fullHeap,
  'humongous-objects': humongousObjects,
  'gc-in-kernel': systemTime,
  'gc-waited': waitingCollections,
  ...logRules,
} satisfies Record<string, FindingRule>;

export function findingsOf(judged: Judged): Finding[] {
  const found = Object.entries<FindingRule>(findingRules).flatMap(([code, rule]): Finding[] => {
    const finding = rule(judged);
    return finding === undefined ? [] : [asFinding(code, finding)];
  });
  const isCalm = found.every(({ severity }) => severity === 'info') && judged.figures.pauses !== undefined;
  const sorted = found.toSorted(bySeverity);
  return isCalm ? [calm(judged), ...sorted] : sorted;
}

const asFinding = (code: string, { severity, en, zh, evidence }: GcFinding): Finding => ({
  severity,
  code,
  message: en,
  messageZh: zh,
  evidence,
});

function calm({ figures: { pauses, throughput } }: Judged): Finding {
  if (pauses?.maxSeconds === undefined) {
    return asFinding('no-pauses', {
      severity: 'info',
      en: 'No collection paused the JVM in this time.',
      zh: '这段时间内没有 GC 使 JVM 停顿。',
      evidence: [],
    });
  }
  const share = throughput === undefined ? undefined : percentText(1 - throughput);
  return asFinding('gc-calm', {
    severity: 'info',
    en: `GC pauses are short: the longest pause is ${durationText(pauses.maxSeconds)}${share === undefined ? '' : `, and pauses take ${share} of the time`}. GC does not limit the process.`,
    zh: `GC 停顿很短：最长 ${durationText(pauses.maxSeconds, 'zh')}${share === undefined ? '' : `，停顿占 ${share} 的时间`}。GC 不是该进程的瓶颈。`,
    evidence: [
      figure('longest pause', pauses.maxSeconds, 'seconds'),
      ...(throughput === undefined ? [] : [figure('throughput', throughput, 'ratio')]),
    ],
  });
}
