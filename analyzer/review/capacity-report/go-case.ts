// Defines the input of a decision about one domain.

import type {
  AnalysedStep,
  Analysis,
  GroupCapacity,
  Limit,
  Loss,
  SafeMaxTps,
} from '../../../core/documents/analysis.ts';
import type { Condition, SurvivedLoss } from '../../../core/documents/capacity-report.ts';
import type { Demand, Estimate } from '../../../core/documents/cluster-plan.ts';
import type { Reason } from '../../../core/documents/reasons/go-reasons.ts';
import { untilCaughtUp } from '../../../core/documents/safe-tps.ts';
import type { SettingsSnapshot } from '../../../core/documents/settings-snapshot.ts';

export interface Measured {
  analysis: Analysis;
  /** Id of its source in the report. */
  source: string;
}

/** Another domain on the same cluster: its verdicts can contradict a rate, but prove none for this domain. */
export interface Neighbor {
  domain: string;
  measured: readonly Measured[];
  /** Mean message size, as stated or planned. */
  messageBytes?: number;
  /** As planned. */
  compressionRatio?: number;
}

export type ClusterSettings = Pick<SettingsSnapshot, 'cluster' | 'at' | 'fingerprint' | 'unread'>;

export interface ReportPolicy {
  /** How long a rate must be sustained. */
  confirmationSeconds: number;
  /** Least achieved share of the target of a step. */
  achievedShare: number;
  /** Share by which messages of a test may be smaller than those of the domain. */
  messageSizeShare: number;
  /** Age from which evidence is too old. */
  lifetimeSeconds: number;
}

export interface GoCase extends ReportPolicy {
  /** Required rate of the cluster: for a shared one the sum of its domains. */
  peakTps: Estimate | undefined;
  /** Other domains on the same cluster whose peak is unknown. */
  withoutPeak?: readonly string[];
  /** Why the forecasts behind the peak cannot support GO. */
  forecastReasons?: readonly Reason[];
  /** Every verdict of the domain; those of runs with brokers down are evidence for the loss. */
  measured: readonly Measured[];
  neighbors?: readonly Neighbor[];
  survives: SurvivedLoss;
  /** Simultaneous broker losses that the plan survives, if no other loss is stated. */
  lostBrokers?: number;
  /** The plan survives the loss of a whole group, if no other loss is stated. */
  lostGroup?: true;
  /**
   * For a domain that needs global order: the upper end of the peak of this domain alone, which one partition or queue must carry, and the
   * tests that can prove it, with the limits of one partition.
   */
  ordered?: { peakTps: number; tests: readonly Measured[] };
  /** Strictest p99 of publish latency that a domain on the cluster requires. */
  latency?: { domain: string; seconds: number };
  /** Average load of the cluster over the retention time, without domains of unknown average. */
  averageTps?: number;
  withoutAverage?: readonly string[];
  /** Number of consumer groups that the domain declares. */
  declaredGroups?: number;
  /** Mean size of the domain's messages, as stated or planned. */
  messageBytes?: number | undefined;
  /** Bytes of its messages before over bytes after compression, as planned; absent without a plan. */
  compressionRatio?: number;
  /** Largest planned number of consumer groups among the domains on the cluster. */
  plannedGroups?: number;
  /** Fewest planned messages of a send request, of the domains on the cluster that state them. */
  plannedBatch?: number;
  /** Largest planned number of partitions or queues among the domains on the cluster. */
  plannedPartitions?: number;
  /** Whether a plan has a domain on the cluster with delayed messages. */
  isDelayed?: boolean;
  /** Largest planned number of replicas among the domains on the cluster, and the strictest loss that one of them accepts. */
  plannedReplicas?: number;
  plannedLoss?: Demand['loss'];
  /** Settings of the cluster as read, in any order. */
  settings: readonly ClusterSettings[];
  /** Date of the report. */
  asOf: string;
  /** The plan for the domain: absent if none was made, refused if no cluster fits, without a probability if planned for less. */
  plan: { probabilityEnough?: number } | 'refused' | undefined;
  /** Why there is no plan for the domain, if the reason is unrelated to host types: the current cluster then decides. */
  planGap?: Reason;
}

/** A case with a peak and a measurement, which every condition needs. */
export interface MeasuredCase extends GoCase {
  neededTps: number;
  /** Whether this rate was sustained for the confirmation time. */
  isProven: boolean;
}

export interface Judged {
  condition: Condition;
  reasons: readonly Reason[];
}

export const judged = (
  condition: Condition['condition'],
  state: Condition['state'],
  reasons: readonly Reason[] = [],
  rest: Omit<Condition, 'condition' | 'state'> = {},
): Judged => ({ condition: { condition, state, ...rest }, reasons });

/** @returns every verdict of the cluster, including those that prove nothing for the domain */
export const verdictsOfCluster = (case_: Pick<GoCase, 'measured' | 'neighbors'>): Measured[] => [
  ...case_.measured,
  ...verdictsOfNeighbors(case_),
];

/** @returns the verdicts of the other domains on the cluster, without the limits of their consumer groups */
export const verdictsOfNeighbors = ({ neighbors = [] }: Pick<GoCase, 'neighbors'>): Measured[] =>
  neighbors.flatMap(({ measured }) => measured.map(withoutGroupLimits));

/** A slow group limits only its own domain; the cluster carries more. */
function withoutGroupLimits({ analysis, source }: Measured): Measured {
  const { safeMaxTps, steps, withoutOne } = analysis;
  return {
    source,
    analysis: {
      ...analysis,
      safeMaxTps: maximumOfCluster(safeMaxTps),
      steps: steps.filter(({ verdict }) => verdict.kind !== 'saturated' || !isOfGroup(verdict.bottleneck)),
      ...(withoutOne && { withoutOne: withoutOne.filter(({ limitedBy }) => !isOfGroup(limitedBy)) }),
    },
  };
}

function maximumOfCluster(safeMax: SafeMaxTps): SafeMaxTps {
  if (safeMax.kind === 'unknown') return isOfGroup(safeMax.below?.limitedBy) ? withoutBound(safeMax) : safeMax;
  if (!('limitedBy' in safeMax) || !isOfGroup(safeMax.limitedBy)) return safeMax;
  return { kind: 'at-least', tps: safeMax.tps, reason: 'no-limit-reached' };
}

const withoutBound = ({ kind, missing }: Extract<SafeMaxTps, { kind: 'unknown' }>): SafeMaxTps => ({ kind, missing });

/** @returns only what it sustained, the groups that consume enough, and the losses that leave enough, without its disks */
export function withoutLimits(
  { analysis, source }: Measured,
  { neededTps, afterLossTps }: { neededTps: number; afterLossTps: number },
): Measured {
  const { retention: _, ...rest } = analysis;
  const { safeMaxTps, steps, withoutOne, consumerGroups } = rest;
  const readsEnough = (group: GroupCapacity) =>
    group.kind !== 'measured' || group.interval.low >= (group.share ?? 1) * neededTps;
  const isEnough = (loss: Loss) => {
    const { tps, interval, minInSyncReplicas } = untilCaughtUp(loss);
    return minInSyncReplicas === undefined && Math.min(tps, interval?.low ?? tps) >= afterLossTps;
  };
  const isLimit = 'limitedBy' in safeMaxTps || 'ceiling' in safeMaxTps;
  return {
    source,
    analysis: {
      ...rest,
      ...(safeMaxTps.kind === 'unknown' && { safeMaxTps: withoutBound(safeMaxTps) }),
      ...(isLimit && { safeMaxTps: { kind: 'at-least', tps: safeMaxTps.tps, reason: 'no-limit-reached' } }),
      steps: steps.filter((step) => !hasFailed(step)),
      ...(consumerGroups && { consumerGroups: consumerGroups.filter(readsEnough) }),
      // Tests without the broker still count for its loss.
      ...(withoutOne && {
        withoutOne: withoutOne.map((loss) =>
          isEnough(loss) ? loss : { ...loss, basis: { placement: 'assumed', assumptions: [] } },
        ),
      }),
    },
  };
}

/** A load generator that was too slow, or a step that was too short, says nothing about the cluster. */
export const hasFailed = ({ verdict }: AnalysedStep): boolean =>
  verdict.kind === 'saturated' || (verdict.kind === 'invalid' && verdict.reason === 'errors');

const isOfGroup = (limit: Limit | undefined) => limit !== undefined && 'group' in limit;

/** Production, and a redline on it, have the messages, replicas and clients of the domain. */
export const isOwnTraffic = ({ analysis: { run } }: Measured): boolean =>
  run.origin === 'production' || run.origin === 'redline';

export const isWhole = ({ analysis }: Measured): boolean => analysis.degraded === undefined;

/**
 * @returns the number of groups for a test of the cluster, each of which consumes every message: as planned, and as many
 *   as read each message in production, where shares of a window vary by some per cent
 */
export function groupsToTest({ plannedGroups, declaredGroups, measured }: GroupsCase): number {
  const reads = measured
    .filter(isOwnTraffic)
    .map(({ analysis: { consumerGroups = [] } }) =>
      consumerGroups.reduce((sum, each) => sum + (each.kind === 'unknown' ? 0 : Math.min(1, each.share ?? 1)), 0),
    );
  return Math.max(plannedGroups ?? declaredGroups ?? 0, ...reads.map((each) => Math.ceil(each - 0.05)));
}

type GroupsCase = Pick<GoCase, 'plannedGroups' | 'declaredGroups' | 'measured'>;

/** @returns the step that would prove the rate */
export function stepToRun(
  case_: Pick<MeasuredCase, 'neededTps' | 'confirmationSeconds'> & GroupsCase,
): Pick<Reason, 'targetTps' | 'seconds' | 'neededGroups'> {
  const neededGroups = groupsToTest(case_);
  return {
    targetTps: rateToGenerate(case_.neededTps),
    seconds: case_.confirmationSeconds,
    ...(neededGroups > 0 && { neededGroups }),
  };
}

/** A step achieves slightly less than its target, so the target is slightly higher; rounded to three digits. */
function rateToGenerate(neededTps: number): number {
  const target = 1.01 * Math.max(neededTps, 1);
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(target)) - 2);
  return Math.ceil(target / digit) * digit;
}
