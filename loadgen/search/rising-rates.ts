// Lists the rates that find-safe tries: each at most 10% above the previous and within the limit.

import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';
import { roundDown } from './rate-grid.ts';
import { steepestRise, type FindSafeOptions, type Started } from './search-options.ts';

type Bounds = Pick<Started<FindSafeOptions>, 'start' | 'highest' | 'rise'>;

/** Infinite without a highest rate; otherwise the highest rate is the last. */
export function* risingRates({ start, highest, rise }: Bounds): Generator<MessagesPerSecond, void> {
  const top = highest ?? Infinity;
  let rate: number = roundDown(start);
  for (; rate < top; rate = roundDown(rate * (1 + Math.min(rise, steepestRise)))) yield messagesPerSecond(rate);
  yield messagesPerSecond(top);
}
