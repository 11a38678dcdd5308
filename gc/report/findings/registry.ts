// Lists the rules about a GC log. The most severe finding comes first and is the verdict.

import { bySeverity, type Finding } from '../../../core/documents/analysis.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { percentText } from '../../../core/text/quantity-text.ts';
import { allocationStalls, evacuationFailures, fullCollections, humongousObjects, timeLost } from './collections.ts';
import { figure, type FindingRule, type Judged } from './finding-rule.ts';
import { fullHeap, heapLeak } from './heap-leak.ts';
import {
  clockSteps,
  droppedMessages,
  logInMemory,
  noPauses,
  tornRecords,
  twoWriters,
  unparsedLines,
} from './log-itself.ts';
import { longStops, otherStops, slowSafepoint } from './long-stops.ts';
import { systemTime, waitingCollections } from './processor.ts';

/** Order within one severity. */
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
  'two-writers': twoWriters,
  'messages-dropped': droppedMessages,
  'log-in-memory': logInMemory,
  'pauses-not-logged': noPauses,
  'clock-step': clockSteps,
  'torn-records': tornRecords,
  'unparsed-lines': unparsedLines,
} satisfies Record<string, FindingRule>;

export function findingsOf(judged: Judged): Finding[] {
  const found = Object.entries<FindingRule>(findingRules).flatMap(([code, rule]): Finding[] => {
    const finding = rule(judged);
    if (finding === undefined) return [];
    const { severity, ...rest } = finding;
    return [{ severity, code, ...rest }];
  });
  const isCalm = found.every(({ severity }) => severity === 'info') && judged.figures.pauses !== undefined;
  const sorted = found.toSorted(bySeverity);
  return isCalm ? [calm(judged), ...sorted] : sorted;
}

function calm({ figures: { pauses, throughput } }: Judged): Finding {
  if (pauses?.maxSeconds === undefined) {
    return {
      severity: 'info',
      code: 'no-pauses',
      message: 'No collection paused the JVM in this time.',
      evidence: [],
    };
  }
  const share = throughput === undefined ? '' : `, and pauses take ${percentText(1 - throughput)} of the time`;
  return {
    severity: 'info',
    code: 'gc-calm',
    message: `GC pauses are short: the longest pause is ${durationText(pauses.maxSeconds)}${share}. GC does not limit the process.`,
    evidence: [
      figure('longest pause', pauses.maxSeconds, 'seconds'),
      ...(throughput === undefined ? [] : [figure('throughput', throughput, 'ratio')]),
    ],
  };
}
