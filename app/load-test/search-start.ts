// Chooses the first rate of a search: the configured one, else computed from config, workload and quotas.

import { addressesOf } from '../../brokers/addresses.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { ConfiguredQuota } from '../../core/documents/evidence/configured-limits.ts';
import { bitsPerSecond, type BitsPerSecond, bytes, messagesPerSecond } from '../../core/units.ts';
import { quotaRate } from '../../loadgen/guard/quota-rate.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { predictStart, type StartFacts } from '../../loadgen/search/predicted-start.ts';
import { defaultReplicationFactor } from '../../loadgen/execute/topic.ts';
import type { Config } from '../config/config-file.ts';
import { quotaText } from './notices.ts';

export type SearchStart = NonNullable<ReturnType<typeof searchStart>>;

/**
 * @param quotas of the run's clients, if already read; the search still exceeds them, to see their effect
 * @param brokerHosts host of each broker, from the cluster if already read, else from the config
 * @returns undefined for a plan without a search
 */
export function searchStart(
  plan: RunPlan,
  { clusters, hosts }: Pick<Config, 'clusters' | 'hosts'>,
  quotas: readonly ConfiguredQuota[] = [],
  brokerHosts = clusters[plan.cluster.name]?.brokers ?? {},
) {
  const { search, cluster, workload, messageBytes, groups } = plan;
  const config = clusters[cluster.name];
  if (search === undefined || config === undefined) return undefined;
  const traits = traitsOf(config.broker);
  const named = Object.entries(brokerHosts).flatMap(([id, place]) => (traits.brokerId.canLead(id) ? [place] : []));
  const seeds = traits.discovery.of === 'brokers' ? addressesOf(config).length : 1;
  const brokers = Math.max(1, named.length, seeds);
  const permission = config.loadTest;
  const allowed = permission === undefined ? [] : [{ what: 'maxTps of the cluster', rate: permission.maxTps }];
  const speed = slowestLink(named.map(({ host }) => hosts[host]));
  const { partitions } = workload;
  const compressedShare = compressedShareOf(workload);
  const traffic = { leaders: brokers, messageBytes: messageBytes * compressedShare, groups: groups.length };
  const limits = quotas.flatMap((quota) => {
    const rate = quotaRate(quota, traffic);
    return rate === undefined ? [] : [{ what: quotaText(quota), rate }];
  });
  const facts: StartFacts = {
    broker: config.broker,
    brokers,
    messageBytes: bytes(messageBytes),
    compressedShare,
    copies: workload.replicationFactor ?? Math.min(defaultReplicationFactor, brokers),
    groups: groups.length,
    ...(speed !== undefined && { linkBitsPerSecond: speed }),
    ...(partitions !== undefined && { partitions: partitions * plan.topic.names.length }),
    allowed: [...allowed, ...limits],
  };
  const { options } = search;
  const bounds = [...allowed.map(({ rate }) => rate), ...(options.highest === undefined ? [] : [options.highest])];
  const bounded = bounds.length === 0 ? options : { ...options, highest: messagesPerSecond(Math.min(...bounds)) };
  const { start, limit, explanation } = predictStart(options.kind, facts);
  const isGiven = options.start !== undefined;
  return {
    options: { ...bounded, start: options.start ?? start },
    /** Computed limit. */
    expected: limit,
    /** One line for each limit considered. */
    explanation: isGiven ? [] : explanation,
  };
}

/** @returns compressed size over uncompressed size; 1 if the ratio is not configured */
export const compressedShareOf = ({ compressionRatio }: RunPlan['workload']) =>
  typeof compressionRatio === 'number' ? 1 / compressionRatio : 1;

/** Slowest of the stated link speeds; without one, no link is known before the run. */
function slowestLink(machines: readonly (Config['hosts'][string] | undefined)[]): BitsPerSecond | undefined {
  const speeds = machines.flatMap((machine) => {
    const speed = machine !== undefined && 'network' in machine ? machine.network?.speed : undefined;
    return speed === undefined ? [] : [speed];
  });
  return speeds.length === 0 ? undefined : bitsPerSecond(Math.min(...speeds));
}
