// Which bytes should cross the card of a master, by the arithmetic of its protocol? A range where a setting is not known.

import type { Topology } from '../../core/run-bundle.ts';
import { linkCeilings } from '../../core/wire/ethernet.ts';
import { masterPortBytes } from '../../core/wire/rocketmq-bytes.ts';
import type { Figures } from './figures.ts';
import type { Range } from './range.ts';
import { quotient, scaled } from './range.ts';

/** Settings a text seldom tells, and the values taken for them; every finding that uses them says so. */
export const assumed = {
  topicBytes: 10,
  /** Full pulls: pullBatchSize of the client. Emptier pulls cost more, so rates from these sums are upper ends. */
  messagesPerPull: 32,
  /** One is the default (enableBatchPush false); 160 closed-loop senders were measured to fill about 5 when it is on. */
  pushBatch: { single: 1, batched: 5 },
} as const;

/** What goes through one master: as stated, or as a hypothesis has it. */
export interface Traffic {
  tps: number;
  messageBytes: number;
  clusterNameBytes: number;
  replication: Topology['replication'];
  /** Followers fed, and consumer groups served, by this master. */
  followers: number;
  groups: number;
}

export interface PortRange {
  in: Range;
  out: Range;
}

export function statedTraffic({ run, topology, messageBytes, tpsPerMaster }: Figures): Traffic {
  return {
    tps: tpsPerMaster,
    messageBytes,
    clusterNameBytes: run.cluster.length,
    replication: topology.replication,
    followers: topology.followersPerMaster,
    groups: topology.consumerGroups ?? fewestGroups(topology),
  };
}

/** Consumers share one copy when they are of one group, and there is no consumer without a group. */
const fewestGroups = ({ consumers }: Topology) => (consumers === 0 ? 0 : 1);

/** @returns counter bytes per message, or undefined for a protocol whose bytes are not known here */
export function bytesPerMessage(traffic: Traffic): PortRange | undefined {
  const { replication } = traffic;
  if (replication === 'kafka') return undefined;
  const [batched, single] = [assumed.pushBatch.batched, assumed.pushBatch.single].map((pushBatch) =>
    masterPortBytes({
      bodyBytes: traffic.messageBytes,
      topicBytes: assumed.topicBytes,
      clusterNameBytes: traffic.clusterNameBytes,
      followers: traffic.followers,
      replication,
      pushBatch,
      groups: traffic.groups,
      messagesPerPull: assumed.messagesPerPull,
    }),
  ) as [ReturnType<typeof masterPortBytes>, ReturnType<typeof masterPortBytes>];
  return { in: { low: batched.in, high: single.in }, out: { low: batched.out, high: single.out } };
}

/** Payload alone: less can never be. */
export function bodiesPerMessage({ messageBytes, followers, groups }: Traffic): { in: number; out: number } {
  return { in: messageBytes, out: messageBytes * (followers + groups) };
}

/** The direction that fills first; links are full duplex, so the other one has room left. */
export function largerDirection(traffic: Traffic): 'in' | 'out' {
  const bytes = bytesPerMessage(traffic);
  const bodies = bodiesPerMessage(traffic);
  return (bytes === undefined ? bodies.out > bodies.in : bytes.out.high > bytes.in.high) ? 'out' : 'in';
}

/** What the line carries: as interface counters show it when every frame is full, up to the nominal rate. */
export function lineRate(bitsPerSecond: number): Range {
  const { counter, nominal } = linkCeilings(bitsPerSecond);
  return { low: counter, high: nominal };
}

/** @returns messages per second at which the larger direction is full, or undefined without arithmetic */
export function fullAt(traffic: Traffic, bitsPerSecond: number): Range | undefined {
  const bytes = bytesPerMessage(traffic);
  return bytes && quotient(lineRate(bitsPerSecond), bytes[largerDirection(traffic)]);
}

export function bytesPerSecond(traffic: Traffic): PortRange | undefined {
  const bytes = bytesPerMessage(traffic);
  return bytes && { in: scaled(bytes.in, traffic.tps), out: scaled(bytes.out, traffic.tps) };
}
