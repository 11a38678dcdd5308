// Defines a resource model: the capacity of one resource of a node and its use in each step, or why that is unknown.

import type { ByKind } from '../../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../../core/cluster.ts';
import type { AnalysedResource, Finding } from '../../../../core/documents/analysis.ts';
import type { BrokerFigures } from '../../../../core/documents/evidence/broker-figures.ts';
import type { ConfiguredQuota } from '../../../../core/documents/evidence/configured-limits.ts';
import type { Constraint } from '../../../../core/resource.ts';
import type { BrokerInterval, HostInterval, HostSeries, JvmInterval } from '../../../evidence/load-test-run.ts';
import type { MeasuredStep } from '../../steps/measured-step.ts';
import type { Policy } from '../../../../core/policy/policy.ts';

/** Use in the unit of the capacity; absent if the step has no sample. */
export type Use =
  | {
      mean: number;
      p99: number;
      samples: number;
      /** Each sample, and its middle in seconds of the window. */
      series?: { moments: readonly number[]; values: readonly number[] };
    }
  | undefined;

export interface MeasuredUse {
  capacity: NonNullable<AnalysedResource['capacity']>;
  /** Network card with this capacity. */
  device?: string;
  /** One per step, in step order. */
  uses: readonly Use[];
  /** One per step: the mean share of a core that was the hottest of all cores nearly throughout; absent without one. */
  hottestCore?: readonly (number | undefined)[];
  /** One per step: the share of the use that disappears when the resource is saturated; absent if unknown. */
  overhead?: readonly (number | undefined)[];
}

export type Assessment =
  | (MeasuredUse & { kind: 'measured'; findings?: readonly Finding[] })
  /** Without a finding, nothing counts as missing. */
  | { kind: 'unknown'; finding?: Finding };

/** Result for a limit for which few runs have the metrics; the finding `not-monitored` lists them all. */
export const unmonitored: Assessment = { kind: 'unknown' };

export interface ObservedStep {
  step: MeasuredStep;
  /** Intervals of the node's host within the window of the step. */
  intervals: readonly HostInterval[];
}

/** Quotas of the run's clients at a broker, and the bytes that a message costs them. */
export interface ClientBytes {
  quotas: readonly ConfiguredQuota[];
  /** Share of the cluster's messages that the broker leads. */
  leaderShare: number;
  /** Bytes of produce requests and of fetch responses per message, as quotas count them. */
  produceBytesPerMessage: number;
  fetchBytesPerMessage: number;
  /** The cluster has no other traffic, so all bytes that a broker reports belong to the run. */
  isOnlyTraffic: boolean;
}

export interface NodeSeries {
  /** Broker id, or `generator`. */
  node: string;
  host: HostSeries;
  software?: BrokerKind;
  clients?: ClientBytes;
  /** Metrics of the broker itself; absent without a source. */
  broker?: readonly BrokerInterval[];
  /** Collections of the JVM on the host, from jstat; absent without readings. */
  jvm?: readonly JvmInterval[];
}

export interface ResourceModel {
  resource: Constraint;
  /** Required telemetry, as text. */
  requires: string;
  /** Broker figures, by broker kind, any of which shows whether the limit was reached. */
  reportedBy?: Partial<ByKind<readonly (keyof BrokerFigures)[]>>;
  /** Which limits of the policy apply to it. */
  kind: keyof Policy['saturation'];
  assess(steps: readonly ObservedStep[], series: NodeSeries, limits: Policy): Assessment;
}

/** A symptom has a threshold and no capacity, so it is reported but never a limit. Without its telemetry it has no finding. */
export type SymptomModel = (steps: readonly ObservedStep[], series: NodeSeries, limits: Policy) => readonly Finding[];
