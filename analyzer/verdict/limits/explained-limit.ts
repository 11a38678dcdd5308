// Names the limit that explains why a step was not sustained, from the metrics of its brokers, hosts and clients.

import type { Limit } from '../../../core/documents/analysis.ts';
import type { ConfiguredLimitName, Constraint } from '../../../core/resource.ts';
import type { ThrottledAnswers } from '../../../core/documents/evidence/configured-limits.ts';
import type { CopyLag } from '../steps/copy-lag.ts';
import type { MeasuredStep } from '../steps/measured-step.ts';
import type { NodeSeries } from './resources/model.ts';
import { mostOfBroker, useOfBroker } from './resources/use.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { generatorNode, utilisation, wholeCluster, type ResourceUse } from './resource-use.ts';

export interface StepEvidence {
  /** Index of the step in the uses. */
  index: number;
  uses: readonly ResourceUse[];
  /** Indices of the steps with half of this rate or less. */
  lowerAchieved: readonly number[];
  brokers: readonly NodeSeries[];
  copyLag?: CopyLag | undefined;
}

type Bottleneck = Extract<Limit, { resource: unknown }>;

/** Limits that a broker enforces or reports itself, so the load generator cannot cause them. */
export function brokerLimit(step: MeasuredStep, evidence: StepEvidence, policy: Policy): Bottleneck | undefined {
  return (
    quotaLimit(step, evidence, policy) ??
    pauseLimit(step, evidence, policy) ??
    fullest(evidence, policy, ['network', 'configured', 'queue'])
  );
}

/** Limits that other processes on the same host may cause as well. */
export function hostLimit(step: MeasuredStep, evidence: StepEvidence, policy: Policy): Bottleneck | undefined {
  return (
    fullest(evidence, policy, ['cpu', 'disk']) ??
    flushLimit(step, evidence, policy) ??
    pageCacheLimit(step, evidence, policy) ??
    replicationLimit(step, evidence)
  );
}

/** Uses the throttle times in the brokers' responses to the run's clients; without those, the brokers' own counters. */
function quotaLimit(step: MeasuredStep, evidence: StepEvidence, policy: Policy): Bottleneck | undefined {
  const least = policy.cause.throttledShare.value;
  const seconds = step.window.to - step.window.from;
  const isHeldBack = (throttled: ThrottledAnswers | undefined) =>
    throttled !== undefined && seconds > 0 && throttled.seconds / seconds >= least;
  if (isHeldBack(step.throttled?.produce)) return quotaAt('produce-quota', evidence);
  if (isHeldBack(step.throttled?.fetch)) return quotaAt('fetch-quota', evidence);
  if (step.throttled !== undefined) return undefined;
  const broker = evidence.brokers.find((series) => (useOfBroker({ step }, series, 'throttledSeconds')?.mean ?? 0) > 0);
  return broker && { resource: quotaAt('produce-quota', evidence).resource, node: broker.node };
}

/** Returns the broker with the highest quota use; if no byte quota is nearly used up, the request-time quota is the cause. */
function quotaAt(resource: ConfiguredLimitName, { index, uses, brokers }: StepEvidence): Bottleneck {
  const own = uses
    .filter((use) => use.resource === resource)
    .map((use) => ({ node: use.node, share: utilisation(use, index) ?? 0 }))
    .toSorted((a, b) => b.share - a.share)[0];
  const [only] = brokers;
  const node = own?.node ?? (brokers.length === 1 && only ? only.node : wholeCluster);
  const hasRequestQuota = brokers.some(({ clients }) => clients?.quotas.some(({ kind }) => kind === 'request-quota'));
  const isRequestTime = hasRequestQuota && (own === undefined || own.share < mostOfQuota);
  return { resource: isRequestTime ? 'request-quota' : resource, node };
}

/** Below this share of a byte quota, another quota throttles. */
const mostOfQuota = 0.7;

function pauseLimit(step: MeasuredStep, { brokers }: StepEvidence, policy: Policy): Bottleneck | undefined {
  const node = pausedBroker(step, brokers, policy);
  return node === undefined ? undefined : { resource: 'heap', node };
}

/** @returns the broker with the longest garbage-collection pauses, if they are enough to limit the load */
export function pausedBroker(
  step: MeasuredStep,
  brokers: readonly NodeSeries[],
  { cause }: Policy,
): string | undefined {
  const shares = brokers.flatMap((series) => {
    const use = useOfBroker({ step }, series, 'gcPauseShare');
    return use === undefined ? [] : [{ node: series.node, share: use.mean }];
  });
  const [worst] = shares.toSorted((a, b) => b.share - a.share);
  return worst && worst.share >= cause.gcPauseShare.value ? worst.node : undefined;
}

function flushLimit(step: MeasuredStep, { brokers }: StepEvidence, policy: Policy): Bottleneck | undefined {
  const broker = brokers.find((series) => {
    const use = useOfBroker({ step }, series, 'flushSecondsPerSecond');
    return use !== undefined && use.mean >= policy.cause.flushShare.value;
  });
  return broker && { resource: 'flush', node: broker.node };
}

/** A RocketMQ broker held its page-cache write lock for long: the disk writes pages back too slowly, or memory is short. */
function pageCacheLimit(step: MeasuredStep, { brokers }: StepEvidence, policy: Policy): Bottleneck | undefined {
  const longest = (series: NodeSeries) => mostOfBroker({ step }, series, 'pageCacheLockSeconds') ?? 0;
  const broker = brokers.find((series) => longest(series) >= policy.cause.pageCacheLockSeconds.value);
  return broker && { resource: 'flush', node: broker.node };
}

/** Followers that left the in-sync replicas, so that acknowledged writes wait or fail, or followers with growing lag. */
function replicationLimit(step: MeasuredStep, { brokers, copyLag }: StepEvidence): Bottleneck | undefined {
  const broker = brokers.find((series) => (mostOfBroker({ step }, series, 'underMinIsrPartitions') ?? 0) > 0);
  const node = broker?.node ?? copyLag?.node;
  return node === undefined ? undefined : { resource: 'replication', node };
}

/**
 * A resource that is as busy at a lower rate is used by other work, and explains nothing.
 *
 * @returns the busiest resource of a broker that is busy enough to explain the step
 */
function fullest(
  { index, uses, lowerAchieved }: StepEvidence,
  policy: Policy,
  kinds: readonly ResourceUse['kind'][],
): Bottleneck | undefined {
  let worst: { resource: Constraint; node: string; share: number } | undefined;
  for (const use of uses) {
    const share = utilisation(use, index) ?? 0;
    const isFull = (step: number) => (utilisation(use, step) ?? 0) >= policy.saturation[use.kind].value;
    if (!kinds.includes(use.kind) || use.node === generatorNode || share < policy.saturation[use.kind].value) continue;
    if (use.kind !== 'network' && lowerAchieved.some(isFull)) continue;
    if (worst === undefined || share > worst.share) worst = { resource: use.resource, node: use.node, share };
  }
  return worst && { resource: worst.resource, node: worst.node };
}
