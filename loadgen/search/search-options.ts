// Defines the rate search options of a workload file.

import { z } from 'zod';
import { Duration, Share } from '../../core/text/quantity.ts';
import { ratio } from '../../core/units.ts';
import type { Seconds } from '../../core/clock.ts';
import { Rate, StepDuration } from '../plan/profiles/profile.ts';

const trials = z.number().int().positive().max(1000);
const verifications = z.number().int().nonnegative().max(10);
const settle = Duration.refine((value) => value <= 3600, { message: 'settling must last at most 1h' });

/** `find-safe` never rises further above a proven rate: a fixed bound, not a default. */
export const steepestRise = 0.1;
/** With less, noise of 1 % per trial would decide which of two neighbouring rates passes (docs/explanation/rate-search.md). */
const narrowest = 0.01;

const shared = {
  start: Rate.optional().describe('first rate (default: computed; --dry-run explains it)'),
  highest: Rate.optional().describe('highest rate of all trials'),
  settle: settle
    .prefault('5s')
    .describe(
      'pause before the next trial, after consumers caught up: queues, write-back and credits recover (default 5s)',
    ),
};

export const FindSafeOptions = z.strictObject({
  kind: z.literal('find-safe'),
  ...shared,
  rise: Share.refine((value) => value <= steepestRise, {
    message: 'a rate may rise at most 10% above the last proven rate',
  })
    .default(ratio(steepestRise))
    .describe('step above the last proven rate; at most and by default 10%'),
  trial: StepDuration.prefault('30s').describe('duration of each trial while the rate rises (default 30s)'),
  soak: StepDuration.prefault('10m').describe('duration of the confirmation of the found rate (default 10m)'),
  verifications: verifications
    .default(0)
    .describe(
      'how often a failed rate is tried again before it counts (default 0: a failure ends the rise; always once for the first rate, and for a resource above its limit in less than 100s)',
    ),
  mostSoaks: trials.default(4).describe('most soaks, each one rate lower (default 4)'),
  mostTrials: trials.default(60).describe('most trials, repeated ones included'),
});
export type FindSafeOptions = z.output<typeof FindSafeOptions>;

export const FindMaxOptions = z.strictObject({
  kind: z.literal('find-max'),
  ...shared,
  width: Share.refine((value) => value >= narrowest && value <= 0.5, { message: 'a width must be between 1% and 50%' })
    .default(ratio(0.05))
    .describe('distance of lower and upper bound at which the search ends, relative to the lower (default 5%)'),
  trial: StepDuration.prefault('15s').describe(
    'a short trial: it may reject a rate and never accepts one (default 15s)',
  ),
  confirm: StepDuration.prefault('2m').describe('a full trial: only these accept a rate (default 2m)'),
  soak: StepDuration.optional().describe('duration of a final trial at the rate found (default: none)'),
  verifications: verifications
    .default(3)
    .describe('how often a failed rate is tried again before it counts; one pass clears it (default 3)'),
  mostTrials: trials.default(60).describe('most trials, repeated ones included'),
});
export type FindMaxOptions = z.output<typeof FindMaxOptions>;

export const SearchOptions = z
  .discriminatedUnion('kind', [FindSafeOptions, FindMaxOptions])
  .superRefine(({ start, highest }, context) => {
    if (start === undefined || highest === undefined || start <= highest) return;
    context.addIssue({ code: 'custom', path: ['start'], message: 'the first rate is above the highest allowed rate' });
  });
export type SearchOptions = z.output<typeof SearchOptions>;
export type SearchKind = SearchOptions['kind'];

/** Options with a start rate, from the file or predicted. */
export type Started<Options extends SearchOptions> = Options & { start: NonNullable<Options['start']> };

/** Duration of the deciding trial: a soak of `find-safe`, a full trial of `find-max`. */
export const decidingDuration = (options: SearchOptions): Seconds =>
  options.kind === 'find-safe' ? options.soak : options.confirm;
