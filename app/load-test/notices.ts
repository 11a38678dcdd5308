// States before a load test which quotas apply, whether its steps are too short, and what will not be monitored.

import { capacityText, percentText, rateText } from '../../core/text/quantity-text.ts';
import type { ConfiguredQuota } from '../../core/documents/evidence/configured-limits.ts';
import { quotaRate, type QuotaTraffic } from '../../loadgen/guard/quota-rate.ts';
import { leastStepSeconds, type Policy } from '../../core/policy/policy.ts';
import { durationText, exactDurationText } from '../../core/text/duration-text.ts';
import { answerSecondsOf } from '../../loadgen/execute/answer-timeout.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { byKind } from '../../core/broker-kind/registry.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import { hostsOfProxies } from '../observe/host-names.ts';

const clients = {
  'produce-quota': 'the producers',
  'fetch-quota': 'the consumers',
  'request-quota': 'producers and consumers',
} as const satisfies Record<ConfiguredQuota['kind'], string>;

/** @returns `client quota 4 MB/s per broker (client-id=<default>)` */
export function quotaText({ kind, value, entity }: ConfiguredQuota): string {
  const amount = kind === 'request-quota' ? `${percentText(value)} of a thread` : capacityText(value, 'bytes/s');
  return `${kind === 'request-quota' ? 'request' : 'client'} quota ${amount} per broker (${entity})`;
}

/** @param peakTps the highest planned rate; undefined if a search or a closed loop determines it */
export function quotaTexts(
  quotas: readonly ConfiguredQuota[],
  traffic: QuotaTraffic,
  peakTps: number | undefined,
): string[] {
  return quotas.flatMap((quota) => {
    const applies = `${quotaText(quota)} applies to ${clients[quota.kind]}`;
    const most = quotaRate(quota, traffic);
    if (most === undefined || peakTps === undefined || peakTps <= most) return [applies];
    return [
      applies,
      `warning: ${rateText(peakTps)} is planned, and this quota throttles ${clients[quota.kind]} from about ${rateText(Math.floor(most))}`,
    ];
  });
}

// States before a load test whether its steps are too short for a verdict.

/** @returns an empty list if no step has a rate, or if one is long enough for a verdict and all are for the transactions */
export function shortStepTexts({ steps, workload }: Pick<RunPlan, 'steps' | 'workload'>, policy: Policy): string[] {
  const sending = steps.filter(({ targetTps = 0 }) => targetTps > 0).map(({ durationSeconds }) => durationSeconds);
  if (sending.length === 0) return [];
  const [shortest, longest] = [Math.min(...sending), Math.max(...sending)];
  const least = leastStepSeconds(policy);
  if (longest < least) {
    const enough = exactDurationText(least);
    return [`steps of ${exactDurationText(longest)} are too short for a verdict: give ${enough} or more`];
  }
  const { leftToCheck = 0, duration = 0 } = workload.transactions ?? {};
  const late = leftToCheck > 0 ? answerSecondsOf(workload) : duration;
  const open = leftToCheck > 0 ? leftToCheck * late : duration;
  const enough = Math.ceil(open / (1 - policy.step.achievedShare.value));
  if (shortest >= enough) return [];
  return [
    `steps of ${exactDurationText(shortest)} are too short for these transactions: sends are acknowledged up to ${durationText(late)} later, so the verdict may name a limit that does not exist; give ${exactDurationText(enough)} or more`,
  ];
}

// States before a load test which parts of the brokers will not be monitored.

/** @param brokers ids, if read; RocketMQ brokers provide metrics without further configuration */
export function unmonitoredTexts(cluster: ClusterConfig, hosts: HostsConfig, brokers?: readonly string[]): string[] {
  return byKind<ClusterConfig, string[]>(cluster, {
    kafka({ jmx }) {
      const nodes = brokers?.filter((id) => jmx[id] === undefined) ?? [];
      const isMissing = brokers === undefined ? Object.keys(jmx).length === 0 : nodes.length > 0;
      return isMissing ? [findingOf('not-monitored', { part: 'broker-internals', nodes }).message] : [];
    },
    rocketmq({ proxy }) {
      const isMissing = proxy !== undefined && hostsOfProxies(cluster, hosts).length === 0;
      return isMissing ? [findingOf('not-monitored', { part: 'proxy-host', nodes: [] }).message] : [];
    },
  });
}
