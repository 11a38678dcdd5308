// At which rate does a search begin? Where nobody says, arithmetic over what config and workload tell.

import { bitsPerSecond, bytes, messagesPerSecond, type BitsPerSecond, type MessagesPerSecond } from '../core/units.ts';
import type { RunPlan } from '../loadgen/plan.ts';
import { predictStart, type StartFacts } from '../loadgen/search/predicted-start.ts';
import type { SearchOptions, Started } from '../loadgen/search/search-options.ts';
import { defaultReplicationFactor } from '../loadgen/topic.ts';
import type { Config } from './config.ts';

export interface SearchStart {
  options: Started<SearchOptions>;
  /** Where arithmetic expects the limit. */
  expected: MessagesPerSecond;
  /** One line for each limit that was looked at; none where the start was given. */
  explanation: readonly string[];
}

/** @returns undefined for a plan without a search */
export function searchStart(
  plan: RunPlan,
  { clusters, hosts }: Pick<Config, 'clusters' | 'hosts'>,
): SearchStart | undefined {
  const { search, cluster, workload, messageBytes, groups } = plan;
  const config = clusters[cluster.name];
  if (search === undefined || config === undefined) return undefined;
  const named = Object.values(config.brokers);
  const seeds = config.broker === 'kafka' ? config.bootstrap.length : 1;
  const brokers = Math.max(1, named.length, seeds);
  const permission = config.loadTest;
  const allowed = permission === undefined ? [] : [{ what: 'maxTps of the cluster', rate: permission.maxTps }];
  const speed = slowestLink(named.map(({ host }) => hosts[host]));
  const { compressionRatio, partitions } = workload;
  const facts: StartFacts = {
    broker: config.broker,
    brokers,
    messageBytes: bytes(messageBytes),
    ...(typeof compressionRatio === 'number' && { compressedShare: 1 / compressionRatio }),
    copies: workload.replicationFactor ?? Math.min(defaultReplicationFactor, brokers),
    groups: groups.length,
    ...(speed !== undefined && { linkBitsPerSecond: speed }),
    ...(partitions !== undefined && { partitions: partitions * plan.topic.names.length }),
    allowed,
  };
  const { options } = search;
  const bounds = [...allowed.map(({ rate }) => rate), ...(options.highest === undefined ? [] : [options.highest])];
  const bounded = bounds.length === 0 ? options : { ...options, highest: messagesPerSecond(Math.min(...bounds)) };
  const { start, limit, explanation } = predictStart(options.kind, facts);
  if (options.start === undefined) return { options: { ...bounded, start }, expected: limit, explanation };
  return { options: { ...bounded, start: options.start }, expected: limit, explanation: [] };
}

/** Of the machines whose speed is stated; where none is, nothing is known of links before the run. */
function slowestLink(machines: readonly (Config['hosts'][string] | undefined)[]): BitsPerSecond | undefined {
  const speeds = machines.flatMap((machine) => {
    const speed = machine !== undefined && 'network' in machine ? machine.network?.speed : undefined;
    return speed === undefined ? [] : [speed];
  });
  return speeds.length === 0 ? undefined : bitsPerSecond(Math.min(...speeds));
}
