// Computes how long planned segments take and how many messages they send, of a whole run and of the rest of one.

import { seconds, type Seconds } from '../../core/units.ts';
import type { Criteria } from '../search/criteria/criteria-options.ts';
import { longestSearchSeconds } from '../search/search-duration.ts';
import type { SearchOptions } from '../search/search-options.ts';
import type { TrialRecord } from '../search/trial.ts';
import { createPacer } from './pacer.ts';
import type { Segment } from './profiles/profile.ts';

interface PlannedAmount {
  durationSeconds: number;
  /** Unknown in advance for a closed loop and a search. */
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

/** At the rate of the first step: the broker's JIT and page cache, and ours, settle on the very work that is judged next. */
export function warmUpOf(first: Segment | undefined, duration: Seconds): Segment[] {
  if (first === undefined || duration === 0) return [];
  return [first.kind === 'lanes' ? { ...first, duration } : { ...first, to: first.from, duration }];
}

/** @returns what a resumed run still does, with a warm-up again */
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
