// Extracts the figures of a written result with their ranges, and the traffic that they state; figures that are not stated stay absent.

import type { HostInventory, StatedSpeed } from '../../../core/documents/evidence/host-reading.ts';
import type { Topology } from '../../../core/documents/run-bundle.ts';
import type { Reading } from '../../../core/documents/written-reading.ts';
import { type Span, expectedBytes, type ByteSpan } from '../../../core/wire/expected-bytes.ts';
import type { ReadingsRun } from '../load-test-run.ts';
import { defined } from '../../../core/defined.ts';
import { traitsOf, type ByKind } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { linkCeilings } from '../../../core/wire/ethernet.ts';
import { masterPortBytes, isReplication } from '../../../core/wire/rocketmq-bytes.ts';

/** A reading with the range of values that its unit allows. */
export interface Amount extends Span {
  value: number;
  reading: Reading;
}

export interface Figures {
  run: ReadingsRun;
  /** Broker id of the master to which the readings apply. */
  master: string;
  host?: HostInventory;
  topology: Topology;
  messageBytes: number;
  /** Produced by the cluster, and by one master if masters share evenly. */
  tps: Amount;
  tpsPerMaster: number;
  link?: StatedSpeed;
  network: readonly Amount[];
  /** Stated practical limit of such a card; absent if it applies to cards of another speed. */
  practicalLimit?: Amount;
  theoreticalLimit?: Amount;
  iowait?: Amount;
  loadAverages: readonly Amount[];
  endToEnd?: Amount;
  fullGc?: Amount;
  statements: Partial<Record<Reading['quantity'], Reading>>;
}

/** @returns undefined if the text gives no rate, or names no master. */
export function figuresOf(run: ReadingsRun): Figures | undefined {
  const amounts = run.readings.flatMap(amountOf);
  const first = (quantity: Reading['quantity']) => amounts.find(({ reading }) => reading.quantity === quantity);
  const master = run.environment.brokers.find(({ role }) => role === 'master');
  const tps = first('produced-tps');
  if (tps === undefined || master === undefined) return undefined;
  const host = run.environment.hosts.find((each) => each.host === master.host);
  const link = host?.networkDevices?.find(({ speed }) => speed !== undefined)?.speed;
  const limit = (quantity: Reading['quantity']) => {
    const amount = first(quantity);
    const isOfThisLink =
      amount?.reading.linkBitsPerSecond === undefined || amount.reading.linkBitsPerSecond === link?.bitsPerSecond;
    return isOfThisLink ? amount : undefined;
  };
  const optional = {
    host,
    link,
    practicalLimit: limit('network-practical-limit-bytes-per-second'),
    theoreticalLimit: limit('network-theoretical-limit-bytes-per-second'),
    iowait: first('iowait-ratio'),
    endToEnd: first('end-to-end-latency-seconds'),
    fullGc: first('full-gc-count'),
  };
  return {
    run,
    master: master.id,
    topology: run.topology,
    messageBytes: run.workload.messageBytes,
    tps,
    tpsPerMaster: tps.value / run.topology.masters,
    network: amounts.filter(
      ({ reading }) => reading.quantity === 'network-bytes-per-second' && reading.node === master.id,
    ),
    loadAverages: amounts.filter(({ reading }) => reading.quantity === 'load-average' && reading.node === master.id),
    statements: Object.fromEntries(run.readings.toReversed().map((reading) => [reading.quantity, reading])),
    ...defined(optional),
  };
}

function amountOf(reading: Reading): Amount[] {
  const { value } = reading;
  return value === undefined ? [] : [{ ...widened(value, reading.unitAsWritten), value, reading }];
}

/** A bare `K`, `M` or `G` may mean a power of 1000 or of 1024. */
function widened(value: number, unitAsWritten = ''): Span {
  const [, letter] = /\d\s*([KMG])$/i.exec(unitAsWritten) ?? [];
  if (letter === undefined) return exactly(value);
  return { low: value, high: value * 1.024 ** ('KMG'.indexOf(letter.toUpperCase()) + 1) };
}

export const exactly = (value: number): Span => ({ low: value, high: value });

export const scaled = ({ low, high }: Span, factor: number): Span => ({ low: low * factor, high: high * factor });

/** Every quotient of the two, for positive divisors. */
export const quotient = (dividend: Span, divisor: Span): Span => ({
  low: dividend.low / divisor.high,
  high: dividend.high / divisor.low,
});

export const sum = (a: Span, b: Span): Span => ({ low: a.low + b.low, high: a.high + b.high });

/** Assumed values for settings that texts rarely state; every finding that uses them reports them. */
export const assumed = {
  topicBytes: 10,
  groupBytes: 19,
  /** Full pulls: pullBatchSize of the client. Smaller pulls cost more, so rates from these sums are upper ends. */
  messagesPerPull: 32,
  /** One is the default (enableBatchPush false); with it on, 160 closed-loop senders were measured to fill about 5. */
  pushBatch: { single: 1, batched: 5 },
} as const;

/** Traffic of one master, as stated or according to a hypothesis. */
export interface Traffic {
  broker: BrokerKind;
  tps: number;
  messageBytes: number;
  clusterNameBytes: number;
  replication: Topology['replication'];
  /** Followers and consumer groups that this master serves. */
  followers: number;
  groups: number;
  /** Kafka's leaders are followers of one another: as many copies arrive at a card as leave it. */
  receivesCopies: boolean;
}

export function statedTraffic({ run, topology, messageBytes, tpsPerMaster }: Figures): Traffic {
  const { masters, followersPerMaster } = topology;
  return {
    broker: run.broker,
    tps: tpsPerMaster,
    messageBytes,
    clusterNameBytes: run.cluster.length,
    replication: topology.replication,
    followers: followersPerMaster,
    groups: topology.consumerGroups ?? fewestGroups(topology),
    receivesCopies:
      traitsOf(run.broker).copies === 'any-broker' && followersPerMaster > 0 && masters > followersPerMaster,
  };
}

export const leaderNoun = ({ broker }: Pick<Traffic, 'broker'>) => traitsOf(broker).terms.leader;

/** Consumers of one group share one copy; every consumer has a group. */
const fewestGroups = ({ consumers }: Topology) => (consumers === 0 ? 0 : 1);

/** @returns counter bytes per message */
export const bytesPerMessage = (traffic: Traffic): ByteSpan => bytesOf[traffic.broker](traffic);

const bytesOf: ByKind<(traffic: Traffic) => ByteSpan> = { kafka: bytesOfKafka, rocketmq: bytesOfRocketmq };

/** Range from full batches and fetches down to one record at a time, because texts rarely state linger times. */
function bytesOfKafka({ messageBytes, followers, groups, receivesCopies }: Traffic): ByteSpan {
  return expectedBytes(
    {
      broker: 'kafka',
      mode: 'kraft',
      replicas: followers + 1,
      groups,
      bodyBytes: messageBytes,
      topicBytes: assumed.topicBytes,
      groupBytes: assumed.groupBytes,
    },
    { of: receivesCopies ? 'cluster' : 'card', as: 'counter' },
  );
}

function bytesOfRocketmq(traffic: Traffic): ByteSpan {
  const { replication } = traffic;
  const [batched, single] = [assumed.pushBatch.batched, assumed.pushBatch.single].map((pushBatch) =>
    masterPortBytes({
      bodyBytes: traffic.messageBytes,
      topicBytes: assumed.topicBytes,
      clusterNameBytes: traffic.clusterNameBytes,
      followers: traffic.followers,
      replication: isReplication(replication) ? replication : 'ha',
      pushBatch,
      groups: traffic.groups,
      messagesPerPull: assumed.messagesPerPull,
    }),
  ) as [ReturnType<typeof masterPortBytes>, ReturnType<typeof masterPortBytes>];
  return { in: { low: batched.in, high: single.in }, out: { low: batched.out, high: single.out } };
}

/** Bytes of the payload alone, a lower bound. */
export function bodiesPerMessage({ messageBytes, followers, groups, receivesCopies }: Traffic): {
  in: number;
  out: number;
} {
  return {
    in: messageBytes * (1 + (receivesCopies ? followers : 0)),
    out: messageBytes * (followers + groups),
  };
}

/** The direction that saturates first; links are full duplex, so the other one has spare capacity. */
export function largerDirection(traffic: Traffic): 'in' | 'out' {
  const bytes = bytesPerMessage(traffic);
  return bytes.out.high > bytes.in.high ? 'out' : 'in';
}

/** Line rate: from the value that interface counters show if every frame is full, up to the nominal rate. */
export function lineRate(bitsPerSecond: number): Span {
  const { counter, nominal } = linkCeilings(bitsPerSecond);
  return { low: counter, high: nominal };
}

/** @returns messages per second at which the first of the two directions saturates */
export function saturationRate(traffic: Traffic, bitsPerSecond: number): Span {
  const { in: received, out } = bytesPerMessage(traffic);
  const larger = { low: Math.max(received.low, out.low), high: Math.max(received.high, out.high) };
  return quotient(lineRate(bitsPerSecond), larger);
}

export function bytesPerSecond(traffic: Traffic): ByteSpan {
  const bytes = bytesPerMessage(traffic);
  return { in: scaled(bytes.in, traffic.tps), out: scaled(bytes.out, traffic.tps) };
}

/** iowait is idle time, so the rest is an upper bound of the work. */
export function busyAtMost({ iowait }: Figures): number | undefined {
  return iowait && Math.round((1 - iowait.value) * 1e6) / 1e6;
}
