// Samples the peak load of a cluster per simulation: bytes, messages, the extra load after a loss, and stored data.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { type Build, type ClusterRequest, hostsPerMaster, type SizedBuild } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import type { BusinessDomain } from '../../../core/documents/cluster-plan.ts';
import { messagesPerRequest, messageVector, type MessageVector } from './message-vector.ts';
import { demandDraws, type DemandDraws, type PlanSamples } from './plan-samples.ts';
import { keptSeconds, storedBytes } from './stored-bytes.ts';

/** Resources whose load a broker loss moves to the others. */
export const rateResources = ['network-in', 'network-out', 'disk-io', 'messages'] as const;
export type RateResource = (typeof rateResources)[number];
export const keptResources = ['disk-space', 'memory', 'partitions'] as const;
type KeptResource = (typeof keptResources)[number];
export type PlannedResourceName = RateResource | KeptResource;

export const unitOf: Record<PlannedResourceName, string> = {
  'network-in': 'bytes/s',
  'network-out': 'bytes/s',
  'disk-io': 'bytes/s',
  messages: 'messages/s',
  'disk-space': 'bytes',
  memory: 'bytes',
  partitions: 'partitions',
};

/** Load of the whole cluster, including the skew of its busiest broker. One value per sample, the median last. */
interface RateDraws {
  /** At the planned peak. */
  base: Float64Array;
  /** Consumers that catch up. */
  catchUp: Float64Array;
  /** Rebuild of a lost broker; to be divided by the number of brokers, as `missed`. */
  rebuild: Float64Array;
  /** Catch-up of a returned broker, as consumers do, which a report requires. */
  missed: Float64Array;
  /** At the peak of a usual day, without the promotion. */
  usual: Float64Array;
}

export interface LoadDraws {
  rate: Record<RateResource, RateDraws>;
  kept: Record<KeptResource, Float64Array>;
  /** Messages per second at the planned peak, without skew and headroom. */
  peakTps: Float64Array;
  /** Mean need per message, for the median. */
  meanGroups: number;
  meanBytes: number;
  /** Produce requests per message, of the domains that state their batches, and the share of messages of all others. */
  requests: { stated: number; unstatedShare: number };
}

export function loadDraws(
  request: Pick<ClusterRequest, 'domains'>,
  build: SizedBuild,
  samples: PlanSamples,
  policy: SizingPolicy,
  drawsOf: (domain: BusinessDomain) => DemandDraws = (domain) => demandDraws(domain, samples),
): LoadDraws {
  const length = samples.count + 1;
  const zeros = () => new Float64Array(length);
  const rateDraws = (): RateDraws => ({
    base: zeros(),
    catchUp: zeros(),
    rebuild: zeros(),
    missed: zeros(),
    usual: zeros(),
  });
  const rate = { 'network-in': rateDraws(), 'network-out': rateDraws(), 'disk-io': rateDraws(), messages: rateDraws() };
  const kept = { 'disk-space': zeros(), memory: zeros(), partitions: zeros() };
  const peakTps = zeros();
  const catchUp = policy.outageSeconds.value / policy.catchUpSeconds.value;
  const isReadFromDisk = policy.outageSeconds.value > policy.residentSeconds.value;
  const margin = policy.skew.value * (1 + policy.headroom);
  let [groupsTps, bytesTps, requestsPerSecond, unstatedTps] = [0, 0, 0, 0];

  const retentions = request.domains.map(({ demand }) => demand.retentionSeconds);
  for (const domain of request.domains) {
    const { demand } = domain;
    const batch = messagesPerRequest(build.broker, shapeOf(domain));
    const draws = drawsOf(domain);
    const vectorAt = vectorLine(build, domain);
    const retentionSeconds = keptSeconds(build, demand.retentionSeconds, retentions);
    const { days } = demand.promotion;
    const partitions = partitionsCounted(domain, build);
    const copies = hostsPerMaster(build);
    for (let sample = 0; sample < length; sample += 1) {
      const vector = vectorAt(draws.messageBytes[sample] as number);
      const [growth, multiplier] = [draws.growth[sample] as number, draws.promotion[sample] as number];
      const usual = (draws.peakTps[sample] as number) * growth;
      const peak = usual * multiplier;
      const usualTps = (draws.averageTps[sample] as number) * growth;
      const own = { peakTps: peak, usualTps, promotion: { multiplier, days } };
      const { disk: diskBytes } = vector;
      const stored = storedBytes(build, { load: own, retentionSeconds, diskBytes, partitions }, policy) * margin;
      add(rate['network-in'], sample, margin, peak, usual, vector.in, vector.consumerIn * catchUp);
      add(rate['network-out'], sample, margin, peak, usual, vector.out, vector.consumerOut * catchUp);
      add(rate['disk-io'], sample, margin, peak, usual, vector.disk, isReadFromDisk ? vector.consumerOut * catchUp : 0);
      // Groups that catch up read in bulk: per message of 500 bytes, 2% of the CPU of a send on Kafka 4.3.1, 5% on RocketMQ 5.3.3
      // (CPU time of the broker process with Apache's own clients).
      add(rate.messages, sample, margin, peak, usual, 1, 0);
      for (const resource of ['network-in', 'network-out', 'disk-io'] as const) {
        if (build.replicas === 1) continue;
        at(rate[resource].rebuild, sample, stored / policy.rebuildSeconds.value);
        at(rate[resource].missed, sample, peak * diskBytes * margin * catchUp);
      }
      at(kept['disk-space'], sample, stored);
      at(kept.memory, sample, peak * vector.disk * margin * policy.residentSeconds.value);
      at(kept.partitions, sample, (build.replicas * partitions) / copies);
      at(peakTps, sample, peak);
      if (sample === samples.count) {
        groupsTps += peak * demand.consumerGroups;
        bytesTps += peak * (vector.in + vector.out);
        if (batch === undefined) unstatedTps += peak;
        else requestsPerSecond += peak / batch;
      }
    }
  }
  const middle = peakTps[samples.count] as number;
  return {
    rate,
    kept,
    peakTps,
    meanGroups: groupsTps / middle,
    meanBytes: bytesTps / middle,
    requests: { stated: requestsPerSecond / middle, unstatedShare: unstatedTps / middle },
  };
}

/** Partitions or queues of a domain, without copies: at least the members of its largest group. */
const partitionsRequested = ({ demand }: BusinessDomain): number =>
  demand.order === 'global' ? 1 : Math.max(demand.partitions ?? 1, demand.consumers ?? 1);

/** Partitions of one cluster: the same number on every broker. */
export function partitionsPlanned(
  domain: BusinessDomain,
  { clusters, masters }: Pick<SizedBuild, 'clusters' | 'masters'>,
): number {
  if (domain.demand.order === 'global') return 1;
  return Math.ceil(partitionsRequested(domain) / clusters / masters) * masters;
}

/** Partitions of all clusters for disk space: each Kafka partition has segments, while all RocketMQ queues share one log. */
export const partitionsCounted = (domain: BusinessDomain, build: SizedBuild): number =>
  traitsOf(build.broker).copies === 'any-broker'
    ? build.clusters * partitionsPlanned(domain, build)
    : partitionsRequested(domain);

function add(
  draws: RateDraws,
  sample: number,
  margin: number,
  peak: number,
  usual: number,
  each: number,
  caughtUp: number,
) {
  at(draws.base, sample, peak * each * margin);
  at(draws.usual, sample, usual * each * margin);
  at(draws.catchUp, sample, peak * caughtUp * margin);
}

function at(values: Float64Array, index: number, more: number): void {
  values[index] = (values[index] as number) + more;
}

const vectorOf = (bytes: (of: keyof MessageVector) => number): MessageVector => ({
  in: bytes('in'),
  out: bytes('out'),
  disk: bytes('disk'),
  consumerIn: bytes('consumerIn'),
  consumerOut: bytes('consumerOut'),
});

const shapeOf = ({ demand, traits }: BusinessDomain) => ({ ...demand, isDelayed: traits.includes('delayed') });

/** Bytes per message as a function of body size: linear through low and mid, and from there through high. */
function vectorLine(build: Build, domain: BusinessDomain): (messageBytes: number) => MessageVector {
  const { low, mid, high } = domain.demand.messageBytes;
  const shape = shapeOf(domain);
  const ofMid = messageVector(build, shape, mid);
  const line = (from: number, to: number) => {
    if (from === to) return () => ofMid;
    const [first, last] = [messageVector(build, shape, from), messageVector(build, shape, to)];
    const perByte = (name: keyof MessageVector) => (last[name] - first[name]) / (to - from);
    const slope = vectorOf(perByte);
    const [anchor, anchorBytes] = from === mid ? [first, from] : [last, to];
    return (bytes: number): MessageVector => {
      const over = bytes - anchorBytes;
      return vectorOf((name) => Math.max(0, anchor[name] + slope[name] * over));
    };
  };
  const [below, above] = [line(low, mid), line(mid, high)];
  return (bytes) => (bytes === mid ? ofMid : bytes < mid ? below(bytes) : above(bytes));
}
