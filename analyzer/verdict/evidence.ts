// Defines the evidence of a verdict: judged steps, resources, SLOs, and the limits they set.

import type { Limit } from '../../core/documents/analysis.ts';
import type { Crossing } from './fit/crossing.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { FittedResource } from './fit/resource-fit.ts';
import type { ResourceUse, UnknownUse } from './limits/resource-use.ts';
import type { SloLimit } from './limits/slo-limit.ts';
import type { JudgedStep } from './steps/step-verdict.ts';
import type { Roles } from './placement/broker-roles.ts';
import type { Unmonitored } from './limits/unmonitored.ts';

export interface Ceiling extends Crossing {
  limit: Limit;
  kind: FittedResource['kind'] | 'latency';
}

export interface Evidence {
  steps: readonly JudgedStep[];
  resources: readonly FittedResource[];
  slos: readonly SloLimit[];
  /** Limits of groups with a known processing time per message. */
  groupLimits: readonly Ceiling[];
  unknown: readonly UnknownUse[];
  /** Brokers without any host metrics; absent if there are none. */
  hostless?: readonly string[];
  /** What each broker leads and follows, if one of them lacks metrics. */
  roles?: ReadonlyMap<string, Roles>;
  /** Limits inside brokers without metrics. */
  unmonitored: readonly Unmonitored[];
  /** A card that limited the load below its stated speed; its capacity is the rate it moved at the limit. */
  shaped?: ShapedLimit;
  /** Broker whose GC pauses at the highest sustained rate take enough time to explain a step that was not sustained. */
  pausedBroker?: string;
  status: LoadTestRun['status'];
  policy: Policy;
}

/** A card in one direction, with its stated capacity. */
export interface ShapedCard {
  use: ResourceUse;
  /** Bytes per second that it moved in each step that was not sustained. */
  level: number;
  /** Whether the rate was also steady from second to second. */
  isSteady: boolean;
}

export interface ShapedLimit extends ShapedCard {
  /** Evidence that the card limited the load: packets queued or were lost, or everything else is monitored and not saturated. */
  proof: 'backlog' | 'retransmits' | 'nothing-else-busy';
}

/** The lowest of all ceilings, and the interval of the lowest ceiling of each draw. */
export interface FirstCeiling extends Ceiling {
  /** Probability that each came first, in descending order. */
  shares: readonly { limit: Ceiling['limit']; probability: number }[];
}

/** The step that reached the limit, and its throughput. */
export interface ExplainedCeiling extends Ceiling {
  step: JudgedStep;
}

/** Rate at which throughput stopped growing under rising targets without a measured limit that explains it. */
export interface UnexplainedCeiling {
  /** The highest throughput of those steps, messages per second. */
  tps: number;
  /** The steps that were not sustained, by rising target. */
  steps: readonly JudgedStep[];
}
