// Computes duration and message count of planned segments, for a whole run and for the rest of a run.

import { seconds, type Seconds } from '../../core/clock.ts';
import type { Criteria } from '../search/criteria/criteria-options.ts';
import { longestSearchSeconds } from '../search/search-duration.ts';
import type { SearchOptions } from '../search/search-options.ts';
import type { TrialRecord } from '../search/trial.ts';
import { createPacer } from './pacer.ts';
import type { Segment } from './profiles/profile.ts';

interface PlannedAmount {
  durationSeconds: number;
  /** Absent for a closed loop and a search. */
  messages?: number;
}

interface PlannedLoad {
  warmUpSeconds: number;
  /** Warm-up and steps. */
  segments: readonly Segment[];
  steps: readonly unknown[];
  search?: { options: SearchOptions; criteria: Pick<Criteria, 'drain'> };
}

export function amountOf(segments: readonly Segment[]): PlannedAmount {
  const rates = segments.filter((segment) => segment.kind === 'rate');
  return {
    durationSeconds: segments.reduce((sum, { duration }) => sum + duration, 0),
    ...(rates.length === segments.length && { messages: createPacer(rates).total }),
  };
}

/** Uses the rate of the first step, so that JIT and page cache of both sides settle on the load judged next. */
export function warmUpOf(first: Segment | undefined, duration: Seconds): Segment[] {
  if (first === undefined || duration === 0) return [];
  return [first.kind === 'lanes' ? { ...first, duration } : { ...first, to: first.from, duration }];
}

/** @returns the remaining work of a resumed run, including a new warm-up */
export function restOf(
  { steps, segments, search, warmUpSeconds }: PlannedLoad,
  done: { endedSteps: number; trials: readonly TrialRecord[] },
): PlannedAmount {
  const warmUp = seconds(warmUpSeconds);
  if (search === undefined) {
    const rest = segments.slice(segments.length - steps.length + done.endedSteps);
    return amountOf([...warmUpOf(rest[0], warmUp), ...rest]);
  }
  const { options, criteria } = search;
  return { durationSeconds: warmUp + longestSearchSeconds(options, criteria.drain, done.trials) };
}
