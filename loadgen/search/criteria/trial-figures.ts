// Defines the figures of a trial that are compared with its criteria during and after it.

import type { Percentiles } from '../../../core/documents/analysis.ts';
import type { MessagesPerSecond, Ratio } from '../../../core/units.ts';
import type { Seconds } from '../../../core/clock.ts';
import type { Breach } from '../trial.ts';
import type { HostCriterion, ReachedLimit } from '../../../core/limit-judge.ts';

/** Figures that were not measured are absent, and their criteria are not judged. */
export interface TrialFigures {
  target: MessagesPerSecond;
  /** Acknowledged messages per second of the trial. */
  achieved: MessagesPerSecond;
  /** Planned duration, and the part of it that the figures cover. */
  duration: Seconds;
  elapsed: Seconds;
  /** Messages failed or given up. */
  failedMessages: number;
  /** Times from intended to acknowledged, and from intended to consumed, in seconds. */
  latency?: Percentiles;
  endToEnd?: Percentiles;
  /** Messages due and not acknowledged, one sample per second. */
  backlog?: readonly number[];
  /** Lag of each consumer group in messages, one sample per second. */
  lags?: Readonly<Record<string, readonly number[]>>;
  /** After the trial: time consumers took to catch up, and messages still missing then. */
  drain?: { took: Seconds; left: number };
  /** `utilisation`: mean over the trial. `peak`: p99 of its settled seconds; absent if the trial does not show it. */
  hosts?: readonly { host: string; resource: HostCriterion; utilisation: Ratio; peak?: number }[];
  generator?: GeneratorFigures;
  /** Limit inside brokers or their configuration that the trial reached. */
  reached?: ReachedLimit;
  /** Part of the trial in which that limit was measured. */
  reachedWithin?: Seconds;
  /** Reason why the guard stopped the trial. */
  guard?: Breach;
}

export interface GeneratorFigures {
  /** p99 of the send delay, without time in which the broker left no room for another request. */
  lagP99?: Seconds;
  /** Messages never sent because they were too late; informational, since the broker may be the cause. */
  dropped?: number;
  /** Utilization of its host, if no broker or proxy runs there. */
  hosts?: NonNullable<TrialFigures['hosts']>;
  /** Clause that names a saturated CPU, event loop, link or calibration ceiling. */
  limitedBy?: string;
}
