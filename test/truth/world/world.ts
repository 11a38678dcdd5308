// Defines a simulated cluster and its load, including what the analysis cannot see.

export const judgedResources = ['network-in', 'network-out', 'cpu', 'disk-io'] as const;
export type JudgedResource = (typeof judgedResources)[number];

/**
 * Mean use of a host at a rate of the cluster, messages a second, in bytes a second, cores, or share of the time a disk is busy:
 * idle + perMessage · rate + perRequest · rate / messages in a request + perMessageSquared · rate². On cores, waking up for each request
 * is added for as much of the time as they are idle.
 */
export interface Law {
  idle: number;
  perMessage: number;
  perRequest: number;
  /** Contention: every message makes the others dearer. */
  perMessageSquared: number;
  /** A thread that sleeps is woken for each request; of `cores` the idle share of the time finds it asleep. */
  wakeUp?: { perRequest: number; cores: number };
}

/** How seconds differ from the law, each a factor of it. */
export interface Scatter {
  /** Standard deviation of a second. */
  second: number;
  /** What a second shares with the one before: AR(1). */
  likeness: number;
  /** Standard deviation of whole steps, which no longer step averages out. */
  step: number;
  /** Single seconds out of the ordinary. */
  outliers?: { share: number; factor: number };
  /** Seconds that come in a row: collections, write-back, groups that read old messages. */
  bursts?: { share: number; seconds: number; factor: number };
}

/** Use of others: a mean that wanders, AR(1) with a relative standard deviation. */
export interface Background {
  mean: number;
  deviation: number;
  likeness: number;
}

export interface HostUse {
  law: Law;
  /** In the unit of the law. */
  capacity: number;
  scatter: Scatter;
  background?: Background;
}

export interface Host {
  name: string;
  /** Ids of the brokers on it. */
  brokers: readonly string[];
  cores: number;
  linkBitsPerSecond: number;
  /** Of a visible disk: what the kernel keeps back, and what a message writes. */
  disk?: { expireSeconds: number; dirtyThresholdBytes: number; bytesPerMessage: number };
  uses: Partial<Record<JudgedResource, HostUse>>;
  /** While code is still being compiled and caches are cold, cores take so much more, falling off with this time constant. */
  warmUp?: { share: number; seconds: number };
}

/** Trouble of some seconds that the steady cluster does not have. */
export interface PassingUse {
  host: string;
  resource: JudgedResource;
  from: number;
  to: number;
  amount: number;
}

export interface PlannedStep {
  targetTps: number;
  durationSeconds: number;
}

export interface World {
  name: string;
  seed: number;
  broker: 'kafka' | 'rocketmq';
  hosts: readonly Host[];
  groups: number;
  /** Copies of a message. */
  replicas: number;
  messageBytes: number;
  batching: Batching;
  /** Threads that produce. */
  workers: number;
  steps: readonly PlannedStep[];
  warmUpSeconds: number;
  passing: readonly PassingUse[];
  /** Seconds in which replicas were not in sync. */
  replicasBehind?: { from: number; to: number };
  /** Messages a second the generator can send at most; absent when it has room. */
  generatorTps?: number;
  /** The run is cut off after so many seconds, without an end. */
  cutOffSeconds?: number;
  unread: Unread;
  /** Mean messages a second that others store, where the brokers report them. */
  backgroundTps?: number;
}

/** Messages in a produce request: from `least`, growing by one every `tpsPerMessage`, up to `most`. */
export interface Batching {
  least: number;
  most: number;
  /** Absent where batches do not grow. */
  tpsPerMessage?: number;
}

/** What was not observed. */
export interface Unread {
  /** A host that could not be read at all. */
  host?: string;
  /** Share of single readings that failed. */
  share?: number;
  gaps: readonly { host: string; from: number; to: number }[];
}

export const everythingRead: Unread = { gaps: [] };

export function messagesPerRequest({ least, most, tpsPerMessage }: Batching, tps: number): number {
  return tpsPerMessage === undefined ? least : Math.min(most, least + tps / tpsPerMessage);
}

/** @returns mean use in the unit of the law, without scatter and what others take */
export function useAt(
  { idle, perMessage, perRequest, perMessageSquared, wakeUp }: Law,
  batching: Batching,
  tps: number,
): number {
  const requests = tps / messagesPerRequest(batching, tps);
  const awake = idle + perMessage * tps + perRequest * requests + perMessageSquared * tps * tps;
  if (wakeUp === undefined || awake >= wakeUp.cores) return awake;
  // use = awake + wakeUps · (1 − use / cores)
  const wakeUps = wakeUp.perRequest * requests;
  return (awake + wakeUps) / (1 + wakeUps / wakeUp.cores);
}

export const secondsOf = ({ steps, warmUpSeconds }: Pick<World, 'steps' | 'warmUpSeconds'>): number =>
  steps.reduce((sum, { durationSeconds }) => sum + durationSeconds, warmUpSeconds);
