// Reports a broker that reaches its limit well before its peers, with the cause and remedies with computed gains.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Finding, Limit, SafeMaxTps } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { isOf, reachedTps, safeCeilings } from '../limits/ceilings.ts';
import type { Evidence } from '../evidence.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { improvements, type Improvement } from '../placement/better-placement.ts';
import { brokersAt, groupOf, isMaster } from '../placement/placement.ts';
import { slopeAt } from '../placement/role-bytes.ts';
import { mean } from '../../../core/statistics/statistics.ts';

/** Least relevant cost relative to the mean; uneven keys and noise within a step cause smaller differences. */
const noteworthy = 1.15;
/** Least relevant gain. */
const leastGain = 1.05;
const mostNamed = 3;

/** A resource of one node, if it follows the load. */
interface Peer {
  node: string;
  /** Rate of its limit. */
  value: number;
  /** Use per message of the run. */
  slope: number;
  capacity: { value: number; unit: string };
}

/**
 * If a node reaches its limit at rate x, each message uses 1 / x of its capacity. A master and a slave do different
 * work and are not compared.
 */
export function skewFindings(run: LoadTestRun, evidence: Evidence, safe: SafeMaxTps): Finding[] {
  if ((safe.kind !== 'confirmed' && safe.kind !== 'predicted') || !('resource' in safe.limitedBy)) return [];
  const { resource, node } = safe.limitedBy;
  const peers = peersOf(run, evidence, safe.limitedBy);
  const [first] = peers;
  const costs = peers.map(({ value }) => 1 / value);
  if (first === undefined || peers.length < 2 || 1 / first.value < noteworthy * mean(costs)) return [];
  const gains = gainsOf(run, evidence, safe.limitedBy, peers);
  return [
    findingOf('broker-skew', {
      node,
      resource,
      tps: first.value,
      nodes: peers.length,
      ...causesOf(first, peers),
      ratioToMean: 1 / first.value / mean(costs),
      safeTps: safe.tps,
      gains: gains.slice(0, mostNamed).map(({ remedy, ratio }) => ({ remedy, tps: safe.tps * ratio })),
    }),
  ];
}

type ResourceLimit = Extract<Limit, { resource: unknown }>;

/**
 * A node is a broker, or a host that several brokers share.
 *
 * @returns undefined if it is unknown whether a broker there leads
 */
function roleAt(run: LoadTestRun, node: string): 'leads' | 'follows' | 'both' | undefined {
  if (traitsOf(run.document.broker)?.copies !== 'own-group') return 'leads';
  // Other tools name RocketMQ brokers by host or group: brokers with incoming messages lead.
  const leads = brokersAt(run, node).map((id) =>
    groupOf(id) !== id
      ? isMaster(id)
      : run.brokers?.get(id)?.some(({ messagesInPerSecond = 0 }) => messagesInPerSecond > 0),
  );
  if (leads.length === 0 || leads.includes(undefined)) return undefined;
  if (!leads.includes(false)) return 'leads';
  return leads.includes(true) ? 'both' : 'follows';
}

/** Returns the limiting node first. */
function peersOf(run: LoadTestRun, evidence: Evidence, limited: ResourceLimit): Peer[] {
  const role = roleAt(run, limited.node);
  if (role === undefined) return [];
  const reached = reachedTps(evidence);
  return safeCeilings(evidence)
    .flatMap(({ limit, value }): Peer[] => {
      if (!('resource' in limit) || limit.resource !== limited.resource || !(value > 0)) return [];
      if (roleAt(run, limit.node) !== role) return [];
      const own = evidence.resources.find((each) => isOf(limit, each));
      return own === undefined
        ? []
        : [{ node: limit.node, value, slope: slopeAt(own, reached), capacity: own.capacity }];
    })
    .toSorted((a, b) => a.value - b.value);
}

function causesOf(first: Peer, peers: readonly Peer[]) {
  const extraShare = first.slope / mean(peers.map(({ slope }) => slope)) - 1;
  const largest = Math.max(...peers.map(({ capacity }) => capacity.value));
  const isSmaller = first.capacity.value < largest / noteworthy;
  return {
    ...((!isSmaller || extraShare > noteworthy - 1) && { extraShare }),
    ...(isSmaller && { capacity: { ...first.capacity, largest } }),
  };
}

function gainsOf(run: LoadTestRun, evidence: Evidence, limited: ResourceLimit, peers: readonly Peer[]): Improvement[] {
  const computed = improvements(run, evidence, limited);
  if (computed.length > 0 || run.placements !== undefined) return computed;
  // The placement is unknown, but the gain of an even spread applies to any move.
  const even = Math.min(...peers.map(({ value, slope }) => value * slope)) / mean(peers.map(({ slope }) => slope));
  const others = safeCeilings(evidence).flatMap(({ limit, value }) =>
    'resource' in limit && limit.resource === limited.resource && roleAt(run, limit.node) === roleAt(run, limited.node)
      ? []
      : [value],
  );
  const ratio = Math.min(even, ...others) / Math.min(...peers.map(({ value }) => value));
  return ratio < leastGain
    ? []
    : [{ remedy: { kind: 'even-spread', resource: limited.resource, nodes: peers.length }, ratio }];
}
