// Defines what a decision about one domain is made from.

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
import type { SettingsSnapshot } from '../../../core/documents/settings-snapshot.ts';

export interface Measured {
  analysis: Analysis;
  /** Id of its source in the report. */
  source: string;
}

/** Another domain on the same cluster: its verdicts may contradict a rate, and prove none for this domain. */
export interface Neighbor {
  domain: string;
  measured: readonly Measured[];
  /** Mean size of its messages, as stated or planned. */
  messageBytes?: number;
  /** As planned. */
  compressionRatio?: number;
}

export type ClusterSettings = Pick<SettingsSnapshot, 'cluster' | 'at' | 'fingerprint' | 'unread'>;

export interface ReportPolicy {
  /** For how long a rate has to be held. */
  confirmationSeconds: number;
  /** A step that achieves this share of its target holds it. */
  achievedShare: number;
  /** Share by which messages of a test may be smaller than those of the domain. */
  messageSizeShare: number;
  /** After which evidence counts as too old. */
  lifetimeSeconds: number;
}

export interface GoCase extends ReportPolicy {
  /** What the cluster has to carry: of a shared one the sum of its domains. */
  peakTps: Estimate | undefined;
  /** Other domains on the same cluster whose peak is unknown. */
  withoutPeak?: readonly string[];
  /** Why the forecasts behind the peak are no basis for GO. */
  forecastReasons?: readonly Reason[];
  /** Every verdict of the domain; those of runs with brokers down answer for the loss. */
  measured: readonly Measured[];
  neighbors?: readonly Neighbor[];
  survives: SurvivedLoss;
  /** Brokers that the plan survives losing at the same time, if no other loss is stated. */
  lostBrokers?: number;
  /** The plan survives the loss of a whole group, if no other loss is stated. */
  lostGroup?: true;
  /**
   * Of a domain that needs global order: the upper end of the peak of this domain alone, which one partition or queue carries, and the
   * tests that may prove it, with the limits of one partition.
   */
  ordered?: { peakTps: number; tests: readonly Measured[] };
  /** Average load of the cluster while messages are kept; without the domains whose average is unknown. */
  averageTps?: number;
  withoutAverage?: readonly string[];
  /** Consumer groups that the domain declares. */
  declaredGroups?: number;
  /** Mean size of the domain's messages, as stated or planned. */
  messageBytes?: number | undefined;
  /** Bytes of its messages before compression over bytes after it, as planned; absent without a plan. */
  compressionRatio?: number;
  /** Most consumer groups, as planned, of the domains on the cluster. */
  plannedGroups?: number;
  /** Most replicas, as planned, of the domains on the cluster, and the strictest loss that one of them accepts. */
  plannedReplicas?: number;
  plannedLoss?: Demand['loss'];
  /** Settings of the cluster as they were read, in any order. */
  settings: readonly ClusterSettings[];
  /** Day of the report. */
  asOf: string;
  /** The plan for the domain: absent where none was made, refused where no cluster fits, without a probability if made for less. */
  plan: { probabilityEnough?: number } | 'refused' | undefined;
  /** Why no plan was made for the domain, where that says nothing of the host types: the current cluster decides. */
  planGap?: Reason;
}

/** The same with a peak and something measured, which every condition needs. */
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

/** @returns every verdict of the cluster, also those that prove nothing for the domain */
export const verdictsOfCluster = (case_: Pick<GoCase, 'measured' | 'neighbors'>): Measured[] => [
  ...case_.measured,
  ...verdictsOfNeighbors(case_),
];

/** @returns the verdicts of the other domains on the cluster, without the limits of their consumer groups */
export const verdictsOfNeighbors = ({ neighbors = [] }: Pick<GoCase, 'neighbors'>): Measured[] =>
  neighbors.flatMap(({ measured }) => measured.map(withoutGroupLimits));

/** A slow group limits only its own domain: the cluster carries more. */
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
  if (!('limitedBy' in safeMax) || !isOfGroup(safeMax.limitedBy)) return safeMax;
  return { kind: 'at-least', tps: safeMax.tps, reason: 'no-limit-reached' };
}

/** @returns only what it sustained, the groups that read enough, and the losses that leave enough, without its disks */
export function withoutLimits(
  { analysis, source }: Measured,
  { neededTps, afterLossTps }: { neededTps: number; afterLossTps: number },
): Measured {
  const { retention: _, ...rest } = analysis;
  const { safeMaxTps, steps, withoutOne, consumerGroups } = rest;
  const readsEnough = (group: GroupCapacity) =>
    group.kind !== 'measured' || group.interval.low >= (group.share ?? 1) * neededTps;
  const isEnough = ({ tps, interval, minInSyncReplicas, returning }: Loss) =>
    minInSyncReplicas === undefined && Math.min(tps, interval?.low ?? tps, returning?.tps ?? tps) >= afterLossTps;
  const isLimit = 'limitedBy' in safeMaxTps || 'ceiling' in safeMaxTps;
  return {
    source,
    analysis: {
      ...rest,
      ...(isLimit && { safeMaxTps: { kind: 'at-least', tps: safeMaxTps.tps, reason: 'no-limit-reached' } }),
      steps: steps.filter((step) => !hasFailed(step)),
      ...(consumerGroups && { consumerGroups: consumerGroups.filter(readsEnough) }),
      // Tests without the broker still answer for its loss.
      ...(withoutOne && {
        withoutOne: withoutOne.map((loss) =>
          isEnough(loss) ? loss : { ...loss, basis: { placement: 'assumed', assumptions: [] } },
        ),
      }),
    },
  };
}

/** A load generator that was too slow, or a step that was too short, shows nothing about the cluster. */
export const hasFailed = ({ verdict }: AnalysedStep): boolean =>
  verdict.kind === 'saturated' || (verdict.kind === 'invalid' && verdict.reason === 'errors');

const isOfGroup = (limit: Limit | undefined) => limit !== undefined && 'group' in limit;

/** Production, and a redline on it, has the messages, replicas and clients of the domain itself. */
export const isOwnTraffic = ({ analysis: { run } }: Measured): boolean =>
  run.origin === 'production' || run.origin === 'redline';

export const isWhole = ({ analysis }: Measured): boolean => analysis.degraded === undefined;

/** @returns the groups that a test of the cluster needs: each reads every message of its domain */
export const groupsToTest = ({
  plannedGroups,
  declaredGroups,
}: Pick<GoCase, 'plannedGroups' | 'declaredGroups'>): number | undefined => plannedGroups ?? declaredGroups;

/** @returns the step that would prove the rate */
export function stepToRun(
  case_: Pick<MeasuredCase, 'neededTps' | 'confirmationSeconds' | 'plannedGroups' | 'declaredGroups'>,
): Pick<Reason, 'targetTps' | 'seconds' | 'neededGroups'> {
  const neededGroups = groupsToTest(case_) ?? 0;
  return {
    targetTps: rateToGenerate(case_.neededTps),
    seconds: case_.confirmationSeconds,
    ...(neededGroups > 0 && { neededGroups }),
  };
}

/** A step achieves a little less than its target, so the target lies a little above; rounded to three digits. */
function rateToGenerate(neededTps: number): number {
  const target = 1.01 * Math.max(neededTps, 1);
  const digit = 10 ** Math.max(0, Math.floor(Math.log10(target)) - 2);
  return Math.ceil(target / digit) * digit;
}
