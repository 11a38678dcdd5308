// Defines the daily profile: a rate that follows a sine from low to high.

import { z } from 'zod';
import { messagesPerSecond, type MessagesPerSecond } from '../../../core/units.ts';
import type { Seconds } from '../../../core/clock.ts';
import { exactDurationText } from '../../../core/text/duration-text.ts';
import { exactRateText } from '../../../core/text/quantity-text.ts';
import { mostSteps } from './pieces.ts';
import { type LoadProfile, Rate, RateOrNone, StepDuration } from './profile.ts';

/** Linear pieces per period: the chord of a sine deviates by at most (2π/48)²/16 = 0.1 % of the swing. */
const mostPieces = 48;
/** Minimum for short periods: a piece of only a few seconds cannot be judged. */
const fewestPieces = 8;
const shortestPieceSeconds = 5;

const pieceCount = (period: number) =>
  Math.min(mostPieces, Math.max(fewestPieces, Math.floor(period / shortestPieceSeconds)));

export const DiurnalOptions = z
  .strictObject({
    kind: z.literal('diurnal'),
    low: RateOrNone.describe('messages per second at the quietest moment'),
    high: Rate.describe('messages per second at the busiest moment'),
    period: StepDuration.prefault('24h').describe('from one quietest moment to the next (default 24h)'),
    periods: z
      .number()
      .int()
      .positive()
      .max(Math.floor(mostSteps / mostPieces))
      .default(1)
      .describe('number of days (default 1)'),
  })
  .refine(({ low, high }) => high > low, { path: ['high'], message: 'the high rate must be above the low rate' });

/** A sine from its lowest point: rate(t) = low + (high − low) · (1 − cos 2πt/period) / 2. */
export const diurnal = ({ low, high, period, periods }: z.output<typeof DiurnalOptions>): LoadProfile => ({
  describe: () =>
    `${periods === 1 ? 'a swing' : `${periods} swings`} of ${exactDurationText(period)} between ${exactRateText(low)} and ${exactRateText(high)}`,
  segments: () => {
    const pieces = pieceCount(period);
    const rateAt = (piece: number): MessagesPerSecond =>
      messagesPerSecond(low + ((high - low) * (1 - Math.cos((2 * Math.PI * piece) / pieces))) / 2);
    return Array.from({ length: periods * pieces }, (_, piece) => ({
      kind: 'rate' as const,
      from: rateAt(piece % pieces),
      to: rateAt((piece % pieces) + 1),
      duration: (period / pieces) as Seconds,
    }));
  },
});
