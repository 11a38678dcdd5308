// Lists the possible network loads of a run's messages, one per assumption about unknown values.

import { traitsOf, type ByKind } from '../../core/broker-kind/registry.ts';
import { mostCopies } from '../../core/broker-kind/rocketmq.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { defined } from '../../core/defined.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import {
  type ClusterLoad,
  type MessageKind,
  type RocketmqLoad,
  rocketmqVariants,
} from '../../core/wire/cluster-load.ts';
import { expectedBytes, type ByteSpan } from '../../core/wire/expected-bytes.ts';
import type { Workload } from '../plan/workload.ts';

export interface WireParts {
  broker: BrokerKind;
  /** Replication factor of the topics; in RocketMQ, each broker name keeps one copy per broker. */
  replicationFactor: number;
  /** Why the wire size of this workload's messages is unknown, as a clause. */
  unknown?: string;
  environment: TelemetryEnvironment;
  /** Lengths of names; defaults if unknown. */
  topicBytes?: number;
  groupBytes?: number;
  clusterNameBytes?: number;
  /** Mean key size over all messages; absent if messages have no keys. */
  keyBytes?: number;
  kind?: MessageKind;
  /** RocketMQ: sends and pulls are signed, which requires JSON headers. */
  signed?: boolean;
}

/** @param names topics and groups of the run */
export function wirePartsOf(
  parts: Pick<WireParts, 'broker' | 'replicationFactor' | 'environment'>,
  workload: Workload | undefined,
  names: {
    topic?: string | undefined;
    group?: string | undefined;
    cluster: string;
    proxy?: string | undefined;
    signed?: boolean;
  },
): WireParts {
  const keyBytes = workload && keyBytesOf(workload);
  const unknown = workload && (names.proxy === undefined ? unknownOf(workload) : behindProxy);
  return {
    ...parts,
    ...defined({
      unknown,
      keyBytes: keyBytes || undefined,
      topicBytes: names.topic?.length,
      groupBytes: names.group?.length,
    }),
    clusterNameBytes: Buffer.byteLength(names.cluster),
    ...(names.signed === true && { signed: true }),
    ...(workload && { kind: kindOf(workload) }),
  };
}

export function kindOf({ delay, transactions }: Pick<Workload, 'delay' | 'transactions'>): MessageKind {
  if (transactions !== undefined) return 'transactional';
  if (delay === undefined) return 'plain';
  return 'level' in delay ? 'delayed' : 'timer';
}

const behindProxy = 'a proxy stands between the load generator and the brokers';

function unknownOf(workload: Workload): string | undefined {
  const { compression, acks, transactions } = workload;
  if (compression !== 'none') return 'batches are compressed';
  if (acks === 'none') return 'sends are not acknowledged, so stored messages are unknown';
  if (transactions !== undefined) return 'transactions add requests and records';
  if (keyBytesOf(workload) === undefined) return 'topics have keys of different sizes';
  return undefined;
}

/** @returns 0 without keys; undefined if topics differ, because messages per topic are not counted here */
function keyBytesOf({ keys: common, mix }: Workload): number | undefined {
  const sizes = mix?.map(({ keys = common }) => meanKeyBytes(keys)) ?? [meanKeyBytes(common)];
  const [one, another] = new Set(sizes);
  return another === undefined ? one : undefined;
}

function meanKeyBytes(keys: Workload['keys']): number {
  // A key file was already read when the run was planned.
  if (keys === 'none' || 'histogram' in keys) return 0;
  if (keys.kind !== 'bands') return keys.size;
  const { bands, size } = keys;
  const weightOf = (some: typeof bands) => some.reduce((sum, { weight }) => sum + weight, 0);
  const keyed = weightOf(bands.filter((band) => band.keys > 0));
  return Math.round((size * keyed) / weightOf(bands));
}

/** Means over a run. */
interface CountedLoad {
  bodyBytes: number;
  /** Number of deliveries per message, one for each group. */
  groups: number;
  messagesPerRequest: number;
  /** RocketMQ: mean messages per pull response. */
  messagesPerPull?: number;
}

const usual = { topicBytes: 20, groupBytes: 30, clusterNameBytes: 14 };
/**
 * A producer that does not wait for responses writes many requests at once, and receives several responses in one
 * segment.
 */
const together = { requestsPerWrite: 16, answersPerSegment: 4 };

/** @returns for each possible kind of cluster, the range of wire bytes per message over all brokers' interfaces */
export function expectedOnTheWire(parts: WireParts, counted: CountedLoad): ByteSpan[] {
  const { topicBytes, groupBytes, keyBytes } = { ...usual, ...parts };
  const common = defined({ groups: counted.groups, bodyBytes: counted.bodyBytes, topicBytes, groupBytes, keyBytes });
  const loads = loadsBy[parts.broker](parts, common, counted);
  return loads.map((ways) => expectedBytes(ways, { of: 'cluster', as: 'wire' }));
}

type Common = Pick<ClusterLoad, 'groups' | 'bodyBytes' | 'topicBytes' | 'groupBytes' | 'keyBytes'>;

/** Returns, for each possible kind of cluster, the loads that fit the known values. */
const loadsBy: ByKind<(parts: WireParts, common: Common, counted: CountedLoad) => ClusterLoad[][]> = {
  // One request contains one batch (loadgen/execute/workers/outgoing.ts).
  kafka: (parts, common, { messagesPerRequest: recordsPerBatch }) => [
    [{ broker: 'kafka', mode: 'kraft', replicas: copiesOf(parts), ...common, recordsPerBatch }],
  ],
  rocketmq: (parts, common, counted) =>
    rocketmqLoads(parts, common, counted).map((load) => [load, { ...load, ...together }]),
};

function rocketmqLoads(parts: WireParts, common: Common, counted: CountedLoad): RocketmqLoad[] {
  const { clusterNameBytes } = { ...usual, ...parts };
  return rocketmqVariants(copiesOf(parts)).map((variant) => ({
    ...variant,
    ...common,
    clusterNameBytes,
    client: parts.signed === true ? 'plimsoll-signed' : 'plimsoll',
    messagesPerRequest: counted.messagesPerRequest,
    ...defined({ messagesPerPull: counted.messagesPerPull, kind: parts.kind }),
  }));
}

/**
 * Returns the topics' replication factor, or for RocketMQ the largest number of brokers in one group, the master
 * included.
 */
export const copiesOf = ({ broker, replicationFactor, environment }: WireParts): number =>
  traitsOf(broker).copies === 'any-broker' ? replicationFactor : mostCopies(environment.brokers);
