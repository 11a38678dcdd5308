// Reads a length-prefixed list safely, even if the stated length exceeds the available bytes.

import type { Reader } from '../library.ts';
import { AppError } from '../../../core/errors.ts';

/**
 * As Reader.readArray, which trusts any count and length: a negative length moves back to bytes that were already read,
 * repeatedly, until memory is full. Here each item starts after the previous one, so items cannot outnumber
 * bytes.
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
