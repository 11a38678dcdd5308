// Defines the judge of limits: a function that names the limit a trial reached, from what was recorded in it.

import type { JournalLine } from './documents/run-bundle.ts';
import type { Constraint } from './resource.ts';
import type { TelemetryEnvironment, TelemetryRecord } from './documents/evidence/telemetry.ts';

export type TrafficLine = Extract<JournalLine, { kind: 'produced' | 'consumed' | 'error' }>;

/** Of one trial so far; times are seconds of the run. */
export interface TrialEvidence {
  targetTps: number;
  from: number;
  to: number;
  durationSeconds: number;
  environment: TelemetryEnvironment;
  /** What workers reported, in its order: throttled answers of brokers and refused sends are in it. */
  lines: readonly TrafficLine[];
  /** Hosts and brokers; begins shortly before the trial, since a counter needs a reading before it. */
  telemetry: readonly TelemetryRecord[];
}

export interface ReachedLimit {
  limit: { resource: Constraint; node: string };
  /** Use of it and where it ends, in `unit`. */
  measured: number;
  bound: number;
  unit?: 's' | 'ratio';
  /** A clause for people, such as `throttled 34% of the time`. */
  detail: string;
}

export type LimitVerdict =
  | { kind: 'within' }
  | ({ kind: 'reached' } & ReachedLimit)
  /** Such as brokers whose internals are not monitored. */
  | { kind: 'unknown'; reason: string };

/** Passed to the load generator by the layer that has the policy and the analysis. */
export type LimitJudge = (evidence: TrialEvidence) => LimitVerdict;
