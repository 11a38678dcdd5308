// Which rates does find-safe rise through? Each at most 10 % past the one before, and none above what is allowed.

import { messagesPerSecond, type MessagesPerSecond } from '../../core/units.ts';
import { roundDown } from './rate-grid.ts';
import { steepestRise, type FindSafeOptions, type Started } from './search-options.ts';

type Bounds = Pick<Started<FindSafeOptions>, 'start' | 'highest' | 'rise'>;

/** Without a highest rate they go on for ever; with one, it is the last. */
export function* risingRates({ start, highest, rise }: Bounds): Generator<MessagesPerSecond, void> {
  const top = highest ?? Infinity;
  let rate: number = roundDown(start);
  for (; rate < top; rate = roundDown(rate * (1 + Math.min(rise, steepestRise)))) yield messagesPerSecond(rate);
  yield messagesPerSecond(top);
}
