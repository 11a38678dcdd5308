// Compares a run with the thresholds of its workload file, each in every step it applies to.

import type { DeliveryAccount } from '../../../core/documents/delivery-account.ts';
import type { SearchCertificate } from '../../../core/documents/search-certificate.ts';
import { failedMessagesOf, type StepSummary } from '../step-summary.ts';
import { deliveryThresholdNames, type ThresholdOptions } from '../../plan/workload/threshold-options.ts';

type ThresholdUnit = 's' | 'ratio' | 'messages/s' | 'messages';
type ThresholdName = Exclude<keyof ThresholdOptions, 'steps'>;

export interface ThresholdCheck {
  threshold: ThresholdName;
  /** Step counted from 1; absent if the threshold applies to the whole run. */
  step?: number;
  outcome: 'kept' | 'crossed' | 'unknown';
  /** Absent if nothing was measured. */
  value?: number;
  limit: number;
  unit: ThresholdUnit;
  /** Reason why the outcome is unknown. */
  reason?: string;
}

export interface ThresholdVerdict {
  /** `unknown` if no threshold was exceeded and at least one could not be judged. */
  outcome: ThresholdCheck['outcome'];
  checks: readonly ThresholdCheck[];
}

interface StepRule {
  unit: ThresholdUnit;
  isLeast?: true;
  of(step: StepSummary): number | undefined;
  missing: string;
}

const noAnswer = 'no message was acknowledged';
const notConsumed = 'no message was consumed';

const stepRules = {
  p50: { unit: 's', of: ({ latencySeconds }) => latencySeconds?.p50, missing: noAnswer },
  p95: { unit: 's', of: ({ latencySeconds }) => latencySeconds?.p95, missing: noAnswer },
  p99: { unit: 's', of: ({ latencySeconds }) => latencySeconds?.p99, missing: noAnswer },
  p999: { unit: 's', of: ({ latencySeconds }) => latencySeconds?.p999, missing: noAnswer },
  endToEndP50: { unit: 's', of: ({ endToEndSeconds }) => endToEndSeconds?.p50, missing: notConsumed },
  endToEndP99: { unit: 's', of: ({ endToEndSeconds }) => endToEndSeconds?.p99, missing: notConsumed },
  endToEndP999: { unit: 's', of: ({ endToEndSeconds }) => endToEndSeconds?.p999, missing: notConsumed },
  errors: { unit: 'ratio', of: errorsOf, missing: 'no message was answered or given up' },
  achieved: { unit: 'ratio', isLeast: true, of: achievedOf, missing: 'no message was due' },
  acknowledged: { unit: 'messages/s', isLeast: true, of: ({ achievedTps }) => achievedTps, missing: noAnswer },
  lag: { unit: 'messages', of: ({ lagMessages }) => lagMessages, missing: 'the run has no consumer group' },
} satisfies Partial<Record<ThresholdName, StepRule>>;

/** Judges the results of a run by its workload. @returns undefined without thresholds */
export function judgeRun(
  thresholds: ThresholdOptions | undefined,
  { steps, certificate, passedStep, ledger, deliveryUnread }: JudgedRun,
): ThresholdVerdict | undefined {
  const judged = thresholds && judgedSteps(thresholds.steps, steps, certificate && { passedStep });
  return judged && judgeThresholds(thresholds, judged, ledger ?? deliveryUnread);
}

interface JudgedRun {
  steps: readonly StepSummary[];
  certificate?: SearchCertificate | undefined;
  passedStep?: number | undefined;
  ledger?: DeliveryAccount | undefined;
  deliveryUnread?: Unread | undefined;
}

type Unread = { reason: string };

/**
 * @param steps steps to judge, with their number in the run
 * @param ledger delivery account; absent if the delivery check was off, the reason if it could not be computed
 */
export function judgeThresholds(
  thresholds: ThresholdOptions,
  steps: readonly { step: number; summary: StepSummary }[],
  ledger: DeliveryAccount | Unread | undefined,
): ThresholdVerdict {
  const checks = [
    ...Object.entries<StepRule>(stepRules).flatMap(([name, rule]) => {
      const threshold = name as keyof typeof stepRules;
      const limit = thresholds[threshold];
      return limit === undefined ? [] : judgeSteps(threshold, rule, limit, steps);
    }),
    ...deliveryThresholdNames.flatMap((threshold) => {
      const limit = thresholds[threshold];
      return limit === undefined ? [] : [judgeDelivery(threshold, limit, ledger)];
    }),
  ];
  const outcomes = new Set(checks.map(({ outcome }) => outcome));
  return { outcome: outcomes.has('crossed') ? 'crossed' : outcomes.has('unknown') ? 'unknown' : 'kept', checks };
}

function judgeSteps(
  threshold: ThresholdName,
  { unit, isLeast, of, missing }: StepRule,
  limit: number,
  steps: readonly { step: number; summary: StepSummary }[],
): ThresholdCheck[] {
  if (steps.length === 0) return [{ threshold, outcome: 'unknown', limit, unit, reason: 'no step ended' }];
  return steps.map(({ step, summary }) => {
    const value = of(summary);
    if (value === undefined) return { threshold, step, outcome: 'unknown', limit, unit, reason: missing };
    const isKept = isLeast ? value >= limit : value <= limit;
    return { threshold, step, outcome: isKept ? 'kept' : 'crossed', value, limit, unit };
  });
}

function judgeDelivery(
  threshold: (typeof deliveryThresholdNames)[number],
  limit: number,
  ledger: DeliveryAccount | Unread | undefined,
): ThresholdCheck {
  const common = { threshold, limit, unit: 'messages' as const };
  if (ledger === undefined) return { ...common, outcome: 'unknown', reason: 'the run has no delivery check' };
  if ('reason' in ledger) {
    return { ...common, outcome: 'unknown', reason: `the delivery check could not be read: ${ledger.reason}` };
  }
  if (ledger.groups.length === 0) return { ...common, outcome: 'unknown', reason: 'the run has no consumer group' };
  const sum = (name: (typeof deliveryThresholdNames)[number] | 'unread') =>
    ledger.groups.reduce((total, group) => total + group[name], 0);
  const value = sum(threshold);
  if (value > limit) return { ...common, outcome: 'crossed', value };
  if (!ledger.isExact) {
    const reason = 'too many messages were out of order to keep in memory, so there may be more';
    return { ...common, outcome: 'unknown', value, reason };
  }
  const unread = sum('unread');
  if (threshold === 'lost' && value + unread > limit) {
    return { ...common, outcome: 'unknown', value, reason: `${unread} messages were not read` };
  }
  return { ...common, outcome: 'kept', value };
}

function errorsOf(summary: StepSummary): number | undefined {
  const failed = failedMessagesOf(summary);
  const ended = (summary.acknowledgedSends ?? 0) + failed;
  return ended === 0 ? undefined : failed / ended;
}

/**
 * Uses the rate if a worker was lost, because its messages do not count as due. Late responses of the previous step may
 * raise the share above 1.
 */
function achievedOf({ targetTps, achievedTps, hasLostWorker, intendedSends = 0, acknowledgedSends = 0 }: StepSummary) {
  if (intendedSends === 0) return undefined;
  return hasLostWorker && targetTps ? achievedTps / targetTps : acknowledgedSends / intendedSends;
}

/**
 * @param search for a completed search: step of the last trial that passed, counted from 0
 * @returns summaries with the number of each step in the run, counted from 1
 */
export function judgedSteps(
  which: 'every' | 'last',
  steps: readonly StepSummary[],
  search: { passedStep?: number | undefined } | undefined,
): { step: number; summary: StepSummary }[] {
  // A step of rate 0 is a pause or a drain: no messages are due.
  const numbered = steps
    .map((summary, index) => ({ step: index + 1, summary }))
    .filter(({ summary }) => summary.targetTps !== 0);
  if (search !== undefined) return numbered.filter(({ step }) => step - 1 === search.passedStep);
  return which === 'last' ? numbered.slice(-1) : numbered;
}
