// Defines the closed-loop profile: a fixed number of senders, each waiting for its last response.

import { z } from 'zod';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { type LoadProfile, StepDuration } from './profile.ts';
import { countText } from '../../../core/text/quantity-text.ts';

const mostSenders = 100_000;
const whole = z.number().int().positive().max(mostSenders);

export const ClosedLoopOptions = z
  .strictObject({
    kind: z.literal('closed-loop'),
    threads: z
      .union([whole, z.array(whole).min(1)])
      .describe('senders that wait for an answer before they send again, per producer; several: one step for each'),
    producers: whole
      .default(1)
      .describe('number of producers, each with so many senders; spread over the workers (default 1)'),
    stepDuration: StepDuration.prefault('20s').describe('of each step (default 20s)'),
  })
  .refine(({ threads, producers }) => Math.max(...[threads].flat()) * producers <= mostSenders, {
    path: ['threads'],
    message: `at most ${countText(mostSenders)} senders in all`,
  });

export const closedLoop = ({ threads, producers, stepDuration }: z.output<typeof ClosedLoopOptions>): LoadProfile => ({
  describe: () => {
    const stairs = [threads].flat();
    return `closed loop of ${producers} × ${stairs.join(', ')} senders, ${exactDurationText(stepDuration)}${stairs.length === 1 ? '' : ' each'}`;
  },
  segments: () =>
    [threads].flat().map((each) => ({ kind: 'lanes' as const, lanes: each * producers, duration: stepDuration })),
});
