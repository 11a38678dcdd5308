// Defines the evidence of a verdict: judged steps, resources, SLOs, and the limits they set.

import type { Limit } from '../../core/documents/analysis.ts';
import type { Crossing } from './fit/crossing.ts';
import type { LoadTestRun } from '../evidence/load-test-run.ts';
import type { Policy } from '../../core/policy/policy.ts';
import type { FittedResource } from './fit/resource-fit.ts';
import type { ResourceUse, UnknownUse } from './limits/resource-use.ts';
import type { SloLimit } from './limits/slo-limit.ts';
import type { JudgedStep } from './steps/step-verdict.ts';
import type { Unmonitored } from './limits/unmonitored.ts';

export interface Ceiling extends Crossing {
  limit: Limit;
  kind: FittedResource['kind'] | 'latency';
}

export interface Evidence {
  steps: readonly JudgedStep[];
  resources: readonly FittedResource[];
  slos: readonly SloLimit[];
  /** Of groups of which is known how long they work on a message. */
  groupLimits: readonly Ceiling[];
  unknown: readonly UnknownUse[];
  /** Brokers without any host metrics; absent where there are none. */
  hostless?: readonly string[];
  /** Limits inside brokers that no metrics were read of. */
  unmonitored: readonly Unmonitored[];
  /** A card that limited the load below its stated speed: its capacity here is what it moved then. */
  shaped?: ShapedLimit;
  /** Its pauses take so much of the time at the highest sustained rate that they would explain a step that was not sustained. */
  pausedBroker?: string;
  status: LoadTestRun['status'];
  policy: Policy;
}

/** A card in one direction, with its stated capacity. */
export interface ShapedCard {
  use: ResourceUse;
  /** Bytes per second that it moved in each step that was not sustained. */
  level: number;
  /** Second by second, too. */
  isSteady: boolean;
}

export interface ShapedLimit extends ShapedCard {
  /** What shows that the card stopped the load: packets waited for it or were lost, or all else is monitored and has room. */
  proof: 'backlog' | 'retransmits' | 'nothing-else-busy';
}

/** The first of all ceilings, and the interval of the first of all of each draw. */
export interface FirstCeiling extends Ceiling {
  /** How often each came first, the most probable first. */
  shares: readonly { limit: Ceiling['limit']; probability: number }[];
}

/** The step that reached the limit, and its throughput. */
export interface ExplainedCeiling extends Ceiling {
  step: JudgedStep;
}

/** Where throughput stopped growing under rising targets, and no measured limit explains it. */
export interface UnexplainedCeiling {
  /** The highest throughput there, messages per second. */
  tps: number;
  /** The steps that were not sustained, by rising target. */
  steps: readonly JudgedStep[];
}
