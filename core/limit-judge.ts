// Defines the function that names the limit a trial reached, from its recorded data.

import type { JournalLine } from './documents/run-bundle.ts';
import type { Constraint } from './resource.ts';
import type { TelemetryEnvironment, TelemetryRecord } from './documents/evidence/telemetry.ts';

export type TrafficLine = Extract<JournalLine, { kind: 'produced' | 'consumed' | 'error' }>;

/** Data of one trial so far; times are seconds of the run. */
export interface TrialEvidence {
  targetTps: number;
  from: number;
  to: number;
  durationSeconds: number;
  environment: TelemetryEnvironment;
  /** Journal lines of the workers, in order, with throttle times and refused sends. */
  lines: readonly TrafficLine[];
  /** Readings of hosts and brokers; they begin shortly before the trial, since a counter needs an earlier reading. */
  telemetry: readonly TelemetryRecord[];
}

export interface ReachedLimit {
  limit: { resource: Constraint; node: string };
  /** Measured use and its limit, in `unit`. */
  measured: number;
  bound: number;
  /** Mean use, if `measured` is the p99 of the seconds. */
  mean?: number;
  unit?: 's' | 'ratio';
  /** A clause such as `throttled 34% of the time`. */
  detail: string;
}

/** What a search may limit on the host of a broker: resources that can be saturated, and iowait. */
export const hostCriteria = ['cpu', 'iowait', 'disk-io', 'network-in', 'network-out', 'memory'] as const;
export type HostCriterion = (typeof hostCriteria)[number];

/** Use of a host's resource in the settled part of a trial, as a share of the capacity. */
export interface HostUse {
  host: string;
  resource: HostCriterion;
  mean: number;
  /** What the analysis compares with the policy: the p99 of its one-second samples. */
  peak: number;
}

export type LimitVerdict = (
  | { kind: 'within' }
  | ({ kind: 'reached' } & ReachedLimit)
  /** For example, brokers without monitored internals. */
  | { kind: 'unknown'; reason: string }
) & {
  /** Absent if the trial is too short; without resources that the trial does not show. */
  hosts?: readonly HostUse[];
};

/** The layer with the policy and the analysis passes it to the load generator. */
export type LimitJudge = (evidence: TrialEvidence) => LimitVerdict;
