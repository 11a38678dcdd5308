// Defines the figures of a trial that are compared with its criteria, during and after it.

import type { Percentiles } from '../../../core/documents/analysis.ts';
import type { MessagesPerSecond, Ratio, Seconds } from '../../../core/units.ts';
import type { Breach } from '../trial.ts';
import type { HostCriterion } from './criteria-options.ts';
import type { ReachedLimit } from '../../../core/limit-judge.ts';

/** Unmeasured figures are absent, and their criteria are not judged. */
export interface TrialFigures {
  target: MessagesPerSecond;
  /** Acknowledged messages per second of the trial. */
  achieved: MessagesPerSecond;
  /** How long it was to last, and how much of that is in the figures. */
  duration: Seconds;
  elapsed: Seconds;
  /** Failed or given up. */
  failedMessages: number;
  /** Intended to acknowledged, and intended to consumed, in seconds. */
  latency?: Percentiles;
  endToEnd?: Percentiles;
  /** Messages due and not acknowledged, once a second. */
  backlog?: readonly number[];
  /** Messages each consumer group is behind, once a second. */
  lags?: Readonly<Record<string, readonly number[]>>;
  /** After the trial: how long consumers took to catch up, and how many messages they then still lacked. */
  drain?: { took: Seconds; left: number };
  /** Mean over the trial, of its capacity. */
  hosts?: readonly { host: string; resource: HostCriterion; utilisation: Ratio }[];
  generator?: GeneratorFigures;
  /** The limit inside brokers or their configuration that the trial reached. */
  reached?: ReachedLimit;
  /** How much of the trial that was read from. */
  reachedWithin?: Seconds;
  /** Why the guard broke the trial off. */
  guard?: Breach;
}

export interface GeneratorFigures {
  /** p99 of the send delay, without the time in which the broker left no room for another request. */
  lagP99?: Seconds;
  /** Messages never sent because they were too late; informational, since the broker may be the cause. */
  dropped?: number;
  /** Use of its host, where no broker or proxy is on it. */
  hosts?: NonNullable<TrialFigures['hosts']>;
  /** In words, a clause: where it was at the end of its CPU, event loop, link or of what calibration found. */
  limitedBy?: string;
}
