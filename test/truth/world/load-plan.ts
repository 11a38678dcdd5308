// Draws the steps of a load test: five to ten, most of them below the limit.

import type { Draw } from './random.ts';
import { firstOf, fullLimits, safeLimits } from './true-limits.ts';
import type { PlannedStep, World } from './world.ts';

export interface LoadOverrides {
  /** Highest rate, relative to the safe limit. */
  highest?: number;
  /** Number of different rates. */
  rates?: number;
  durationSeconds?: number;
  order?: 'rising' | 'random';
  isRepeated?: boolean;
}

/** Usual durations of a step in seconds: most users choose short ones. */
const durations = [10, 10, 15, 15, 20, 20, 20, 30, 30, 60, 120];

export function planLoad(world: Omit<World, 'steps'>, draw: Draw, overrides: LoadOverrides = {}): PlannedStep[] {
  const safe = firstOf(safeLimits({ ...world, steps: [] })).tps;
  const full = firstOf(fullLimits({ ...world, steps: [] })).tps;
  const highest =
    overrides.highest ?? (draw.chance(0.2) ? draw.between(1, (1.15 * full) / safe) : draw.between(0.4, 0.95));
  const isRepeated = overrides.isRepeated ?? draw.chance(0.15);
  const rates = overrides.rates ?? (isRepeated ? draw.whole(3, 5) : draw.whole(5, 10));
  const lowest = draw.between(0.15, 0.5);
  const durationSeconds = overrides.durationSeconds ?? draw.oneOf(durations);
  const order = overrides.order ?? (draw.chance(0.2) ? 'random' : 'rising');
  const once = Array.from({ length: rates }, (_, place) => ({
    targetTps: Math.round(safe * highest * (lowest + ((1 - lowest) * place) / (rates - 1))),
    durationSeconds,
  }));
  const steps = isRepeated ? [...once, ...once] : once;
  return order === 'random' ? shuffled(steps, draw) : steps;
}

function shuffled(steps: readonly PlannedStep[], draw: Draw): PlannedStep[] {
  return steps
    .map((step) => ({ step, place: draw.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ step }) => step);
}
