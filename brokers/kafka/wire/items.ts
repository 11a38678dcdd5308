// Reads a length-prefixed list safely, even if the stated length exceeds the bytes.

import type { Reader } from '../library.ts';
import { AppError } from '../../../core/errors.ts';

/**
 * As Reader.readArray, which believes any count and any length: a negative one leads back to bytes that were read before, again
 * and again until memory is full. Here each item begins after the one before it, so there are no more of them than bytes.
 *
 * @throws AppError answer-unreadable
 */
export function readItems<Item>(
  reader: Reader,
  read: (reader: Reader, index: number) => Item,
  ...how: [compact?: boolean, discardTrailingTaggedFields?: boolean]
): Item[] {
  let begun = -1;
  return reader.readArray(
    (items, index) => {
      if (items.position <= begun)
        throw new AppError('answer-unreadable', `item ${index} of a list ends before it starts`);
      begun = items.position;
      return read(items, index);
    },
    ...how,
  );
}
