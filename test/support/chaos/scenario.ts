// Derives the change, the fault and its time in a chaos run from a seed.

import { seededRandom } from '../../../core/statistics/seeded-random.ts';

export interface Step {
  /** Text on standard error that shows that the step has begun. */
  sign: string;
  /** Maximum seconds from the sign to the fault. */
  within: number;
}

/** Steps in which a fault may start, by change. */
export const changes = {
  kafka: {
    reassign: [{ sign: 'wave: ', within: 4 }],
    'retention-cut': [
      { sign: 'retention of ', within: 3 },
      { sign: 'wave: ', within: 4 },
    ],
    'offsets-reset': [{ sign: '', within: 2 }],
  },
  rocketmq: {
    queues: [
      { sign: 'open-reads', within: 1 },
      { sign: 'let-settle', within: 3 },
    ],
    'scale-in': [
      { sign: 'close-writes', within: 1 },
      { sign: 'see-quiet', within: 3 },
    ],
  },
} as const satisfies Record<string, Record<string, readonly Step[]>>;

/** Used for seeds from 2001 on, so that the first list of seeds keeps the scenarios of its time. */
export const laterChanges = {
  kafka: {
    partitions: [
      { sign: '', within: 2 },
      { sign: 'create-partitions', within: 0.5 },
    ],
  },
  rocketmq: {
    switch: [
      { sign: 'close-writes', within: 1 },
      { sign: 'see-quiet', within: 3 },
      { sign: 'see-copied', within: 5 },
      { sign: 'open-writes', within: 1 },
    ],
  },
} as const satisfies Record<string, Record<string, readonly Step[]>>;

/** Used for seeds from 3001 on: if the process start is the only sign, most faults precede the first step. */
const changesInside = {
  kafka: {
    'offsets-reset': [
      { sign: 'step 1 of 2, back-up', within: 0.2 },
      { sign: 'step 2 of 2, move-', within: 0.2 },
    ],
  },
  rocketmq: {},
} as const satisfies Record<string, Record<string, readonly Step[]>>;

export type Product = keyof typeof changes;

export const faults = {
  kafka: [
    'kill-plimsoll',
    'kill-broker',
    'kill-controller',
    'network-cut',
    'full-disk',
    'second-operator',
    'clock-step',
  ],
  rocketmq: [
    'kill-plimsoll',
    'kill-broker',
    'kill-name-server',
    'network-cut',
    'full-disk',
    'second-operator',
    'clock-step',
  ],
} as const;

export type FaultKind = (typeof faults)[Product][number];

export interface Scenario {
  seed: number;
  product: Product;
  change: string;
  fault: FaultKind;
  step: Step;
  /** Seconds from the sign of the step until the fault. */
  delay: number;
  /** Seconds until the cut, killed or filled component recovers. */
  duration: number;
  recovery: 'resume' | 'abort';
}

/** Returns the same scenario for a seed at every call. */
export function scenarioOf(seed: number): Scenario {
  const random = seededRandom(`chaos ${seed}`);
  const one = <Value>(values: readonly Value[]): Value => values[Math.floor(random.uniform() * values.length)] as Value;
  const product = seed % 2 === 0 ? 'rocketmq' : 'kafka';
  const steps: Record<string, readonly Step[]> = (seed < 2001 ? changes : seed < 3001 ? laterChanges : changesInside)[
    product
  ];
  const change = one(Object.keys(steps));
  const step = one(steps[change] ?? []);
  const tenth = (seconds: number) => Math.round(10 * seconds) / 10;
  return {
    seed,
    product,
    change,
    fault: one<FaultKind>(faults[product]),
    step,
    delay: tenth(random.uniform() * step.within),
    duration: tenth(3 + random.uniform() * 22),
    recovery: one(['resume', 'abort'] as const),
  };
}
