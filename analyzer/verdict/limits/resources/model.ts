// Defines a resource model: the capacity of one resource of a node and how much of it each step took, or why it is unknown.

import type { ByKind } from '../../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../../core/cluster.ts';
import type { AnalysedResource, Finding } from '../../../../core/documents/analysis.ts';
import type { BrokerFigures } from '../../../../core/documents/evidence/broker-figures.ts';
import type { ConfiguredQuota } from '../../../../core/documents/evidence/configured-limits.ts';
import type { Constraint } from '../../../../core/resource.ts';
import type { BrokerInterval, HostInterval, HostSeries, JvmInterval } from '../../../evidence/load-test-run.ts';
import type { MeasuredStep } from '../../steps/measured-step.ts';
import type { Policy } from '../../../../core/policy/policy.ts';

/** Use in the unit of the capacity; absent where the step has no sample. */
export type Use =
  | {
      mean: number;
      p99: number;
      samples: number;
      /** Sample by sample, with the seconds of the window at the middle of each. */
      series?: { moments: readonly number[]; values: readonly number[] };
    }
  | undefined;

export interface MeasuredUse {
  capacity: NonNullable<AnalysedResource['capacity']>;
  /** Network card that the capacity is of. */
  device?: string;
  /** One per step, in their order. */
  uses: readonly Use[];
  /** One per step: the share of its use that goes away once the resource is full; absent if unknown. */
  overhead?: readonly (number | undefined)[];
}

export type Assessment =
  | (MeasuredUse & { kind: 'measured'; findings?: readonly Finding[] })
  /** Without a finding nothing counts as missing. */
  | { kind: 'unknown'; finding?: Finding };

/** Of a limit for which few runs have the metrics; the finding `not-monitored` lists them all. */
export const unmonitored: Assessment = { kind: 'unknown' };

export interface ObservedStep {
  step: MeasuredStep;
  /** What the node's host did inside the window of the step. */
  intervals: readonly HostInterval[];
}

/** What the run's clients are allowed at a broker, and what a message costs them. */
export interface ClientBytes {
  quotas: readonly ConfiguredQuota[];
  /** Of the messages of the cluster, the broker leads this share. */
  leaderShare: number;
  /** Bytes of produce requests and of fetch answers per message, as quotas count them. */
  produceBytesPerMessage: number;
  fetchBytesPerMessage: number;
  /** There is no other traffic in the cluster: what a broker reports is the run's. */
  isOnlyTraffic: boolean;
}

export interface NodeSeries {
  /** Broker id, or `generator`. */
  node: string;
  host: HostSeries;
  software?: BrokerKind;
  clients?: ClientBytes;
  /** What the broker reported about itself; absent without a source. */
  broker?: readonly BrokerInterval[];
  /** Collections of the JVM on the host, by jstat; absent without readings. */
  jvm?: readonly JvmInterval[];
}

export interface ResourceModel {
  resource: Constraint;
  /** Required telemetry, as text. */
  requires: string;
  /** Figures of a broker that show whether the limit was reached, any of them, by the kinds of brokers that report them. */
  reportedBy?: Partial<ByKind<readonly (keyof BrokerFigures)[]>>;
  /** Which bounds of the policy hold for it. */
  kind: keyof Policy['saturation'];
  assess(steps: readonly ObservedStep[], series: NodeSeries, limits: Policy): Assessment;
}

/** A symptom has a threshold and no capacity: it is reported, never a limit. Without its telemetry it has no finding. */
export type SymptomModel = (steps: readonly ObservedStep[], series: NodeSeries, limits: Policy) => readonly Finding[];
