// Defines a simulated cluster and its load, including facts that the analysis cannot observe.

export const judgedResources = ['network-in', 'network-out', 'cpu', 'disk-io'] as const;
export type JudgedResource = (typeof judgedResources)[number];

/**
 * Mean use of a host at a cluster rate in messages a second; unit: bytes a second, cores, or ratio of time a disk is busy:
 * idle + perMessage · rate + perRequest · rate / messages per request + perMessageSquared · rate². For cores, wake-ups per request
 * are added in proportion to their idle time.
 */
export interface Law {
  idle: number;
  perMessage: number;
  perRequest: number;
  /** Contention: every message increases the cost of the others. */
  perMessageSquared: number;
  /** A sleeping thread is woken for each request, with the probability that its core is idle; `cores` is their number. */
  wakeUp?: { perRequest: number; cores: number };
}

/** Deviation of seconds from the law, as factors. */
export interface Scatter {
  /** Standard deviation of a second. */
  second: number;
  /** Correlation with the previous second: AR(1). */
  likeness: number;
  /** Standard deviation of whole steps, which longer steps do not average out. */
  step: number;
  /** Single outlier seconds. */
  outliers?: { share: number; factor: number };
  /** Runs of successive seconds: collections, write-back, groups that read old messages. */
  bursts?: { share: number; seconds: number; factor: number };
}

/** Background use: a varying mean, AR(1) with a relative standard deviation. */
export interface Background {
  mean: number;
  deviation: number;
  likeness: number;
}

export interface HostUse {
  law: Law;
  /** Capacity in the unit of the law. */
  capacity: number;
  scatter: Scatter;
  background?: Background;
}

export interface Host {
  name: string;
  /** Ids of its brokers. */
  brokers: readonly string[];
  cores: number;
  linkBitsPerSecond: number;
  /** For a visible disk: write-back buffering of the kernel, and bytes written per message. */
  disk?: { expireSeconds: number; dirtyThresholdBytes: number; bytesPerMessage: number };
  uses: Partial<Record<JudgedResource, HostUse>>;
  /** While code is still being compiled and caches are cold, CPU use is higher by this ratio, decaying with this time constant. */
  warmUp?: { share: number; seconds: number };
}

/** Temporary use that the steady cluster does not have. */
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
  /** Replicas of a message. */
  replicas: number;
  messageBytes: number;
  batching: Batching;
  /** Number of producing threads. */
  workers: number;
  steps: readonly PlannedStep[];
  warmUpSeconds: number;
  passing: readonly PassingUse[];
  /** Seconds in which replicas were out of sync. */
  replicasBehind?: { from: number; to: number };
  /** Maximum rate of the generator in messages per second; absent if it is no limit. */
  generatorTps?: number;
  /** The run ends abruptly after this many seconds, without an end record. */
  cutOffSeconds?: number;
  unread: Unread;
  /** Mean messages per second that others store, if brokers report them. */
  backgroundTps?: number;
}

/** Messages per produce request: from `least`, plus one every `tpsPerMessage`, up to `most`. */
export interface Batching {
  least: number;
  most: number;
  /** Absent if batches do not grow. */
  tpsPerMessage?: number;
}

/** Data that was not observed. */
export interface Unread {
  /** A host that was never readable. */
  host?: string;
  /** Ratio of failed readings. */
  share?: number;
  gaps: readonly { host: string; from: number; to: number }[];
}

export const everythingRead: Unread = { gaps: [] };

export function messagesPerRequest({ least, most, tpsPerMessage }: Batching, tps: number): number {
  return tpsPerMessage === undefined ? least : Math.min(most, least + tps / tpsPerMessage);
}

/** @returns mean use in the unit of the law, without scatter and background use */
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
