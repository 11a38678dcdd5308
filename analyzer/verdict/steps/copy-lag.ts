// Detects growing replication lag in a step, and computes which share of the written bytes was copied.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { masterId, mostCopies, rocketmq } from '../../../core/broker-kind/rocketmq.ts';
import { trendOf } from '../../../core/statistics/trend.ts';
import type { LoadTestRun, Span } from '../../evidence/load-test-run.ts';
import { meanOfSamples, wholeWithin } from '../limits/resources/use.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { MeasuredStep } from './measured-step.ts';
import { growthShareIn, isGrowing } from './steady-state.ts';

/** Lag of the broker whose slowest copy received the smallest share. */
export interface CopyLag {
  node: string;
  /** Lag at the end of the step. */
  lagBytes: number;
  /** Share of the bytes written to the broker that was copied, 0 to 1. */
  copiedShare: number;
}

/** @returns undefined if no lag grew, or no broker reports it */
export function growingCopyLag(run: LoadTestRun, { window, tps }: MeasuredStep, policy: Policy): CopyLag | undefined {
  const growing = [...(run.brokers ?? [])].flatMap(([node, intervals]): CopyLag[] => {
    const own = wholeWithin(intervals, window).filter(({ replicationLagBytes }) => replicationLagBytes !== undefined);
    const lag = own.map(({ replicationLagBytes }) => replicationLagBytes ?? 0);
    const seconds = own.reduce((sum, { from, to }) => sum + to - from, 0) / own.length;
    const written = writtenTo(node, window, tps, run) * seconds;
    if (!isGrowing(lag, growthShareIn(window.to - window.from, policy) * written)) return [];
    const copiedShare = Math.max(0, 1 - (trendOf(lag)?.slope ?? 0) / written);
    return [{ node, lagBytes: lag.at(-1) ?? 0, copiedShare }];
  });
  return growing.toSorted((a, b) => a.copiedShare - b.copiedShare)[0];
}

/** @returns partitions with missing in-sync replicas in each sample of the window, one list per source */
export function underReplicatedIn(run: LoadTestRun, window: Span): number[][] {
  return [
    run.underReplicated
      .filter(({ elapsedSeconds }) => elapsedSeconds >= window.from && elapsedSeconds < window.to)
      .map(({ partitions }) => partitions),
    // For brokers that are down on purpose, each other broker counts the copies as missing.
    ...(run.document.degraded ? [] : [...(run.brokers?.values() ?? [])]).map((intervals) =>
      wholeWithin(intervals, window).flatMap(({ underReplicatedPartitions }) => underReplicatedPartitions ?? []),
    ),
  ].filter((values) => values.length > 0);
}

/** Whether a sample of the window shows the copies. A RocketMQ slave counts as in sync while it answers, even if it copies nothing. */
export const showsCopies = (run: LoadTestRun, window: Span): boolean =>
  [...(run.brokers?.values() ?? [])].some((intervals) =>
    wholeWithin(intervals, window).some(({ replicationLagBytes }) => replicationLagBytes !== undefined),
  ) ||
  (traitsOf(run.document.broker)?.copies !== 'own-group' && underReplicatedIn(run, window).length > 0);

/** Whether the run states that messages have copies. */
export function hasCopies({ document: { broker, environment, workload } }: LoadTestRun): boolean {
  const isOwnGroup = traitsOf(broker)?.copies === 'own-group';
  return (isOwnGroup ? mostCopies(environment.brokers) : (workload.replicationFactor ?? 1)) > 1;
}

/**
 * Bytes written to this broker, which only its followers copy: as it reports, or estimated by its share of leaders, or
 * an equal share.
 *
 * @returns bytes per second
 */
function writtenTo(broker: string, window: Span, tps: number, run: LoadTestRun): number {
  // A RocketMQ slave counts the bytes that it copied.
  const own = run.brokers?.get(masterId(rocketmq.brokerId.group(broker))) ?? run.brokers?.get(broker) ?? [];
  const messageBytes = run.document.workload.messageBytes ?? 1;
  const inWindow = wholeWithin(own, window);
  const bytes = meanOfSamples(inWindow, 'bytesInPerSecond');
  if (bytes !== undefined) return bytes;
  const messages = meanOfSamples(inWindow, 'messagesInPerSecond');
  if (messages !== undefined) return messages * messageBytes;
  const ids = brokersThatLead(run);
  const leaders = ids.map((id) => meanOfSamples(run.brokers?.get(id) ?? [], 'leaders'));
  const led = leaders.reduce<number>((sum, each) => sum + (each ?? Number.NaN), 0);
  const share = led > 0 ? (meanOfSamples(own, 'leaders') ?? 0) / led : 1 / ids.length;
  return share * tps * messageBytes;
}

/** Only masters write to slaves of RocketMQ. */
function brokersThatLead({ document, brokers }: LoadTestRun): string[] {
  const listed = document.environment.brokers.map(({ id }) => id);
  const ids = [...new Set([...listed, ...(brokers?.keys() ?? [])])];
  const leading = ids.filter(rocketmq.brokerId.canLead);
  return leading.length > 0 ? leading : ids;
}
