// Declares the options that ask for the concurrency of a throughput or a latency.

import { z } from 'zod';
import type { InverseQuestion } from '../../app/planning/inverse.ts';
import { AppError } from '../../core/errors.ts';
import { Duration } from '../../core/text/quantity.ts';
import type { OptionValues } from '../command.ts';
import { option, PositiveAmount } from '../option.ts';

const LatencySeconds = z.string().transform((typed, context) => {
  const { data, error } = /^[\d.]+(e-?\d+)?$/i.test(typed)
    ? PositiveAmount.safeParse(typed)
    : Duration.safeParse(typed);
  if (data !== undefined && data > 0) return data;
  context.addIssue(error?.issues[0]?.message ?? `${typed} is not above 0`);
  return z.NEVER;
});

export const inverseOptions = {
  'at-throughput': option(
    'RATE',
    'also print the concurrency for this throughput, in the unit of the file',
    PositiveAmount.optional(),
  ),
  'at-latency': option(
    'TIME',
    'also print the concurrency at this mean latency: seconds, or 1.6ms',
    LatencySeconds.optional(),
    { hint: 'seconds, such as 0.0016, or a duration such as 1.6ms' },
  ),
};

/** @throws AppError usage */
export function requestedInverse({
  'at-throughput': throughput,
  'at-latency': seconds,
}: OptionValues<typeof inverseOptions>): InverseQuestion | undefined {
  if (throughput !== undefined && seconds !== undefined) {
    throw new AppError('usage', '--at-throughput and --at-latency exclude each other', {
      hint: 'give one of them',
    });
  }
  if (seconds !== undefined) return { seconds };
  return throughput === undefined ? undefined : { throughput };
}
