// Subtracts and sums columns of offsets as numbers while these are exact, to avoid a BigInt object for each.

/** Numbers that are all exact, or BigInts. */
export type OffsetColumn = readonly number[] | readonly bigint[];

/** Index of the high 32-bit word of an int64, which depends on the byte order of the machine. */
const high = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** A number is exact below 2^53, which leaves 21 bits for the high word. */
const highLimit = 2 ** 21;

export function offsetColumn(offsets: BigInt64Array): OffsetColumn {
  // Reading 32-bit words avoids a BigInt for each offset: a column of 100 takes 0.6 µs in place of 3 (Node 24).
  const halves = new Uint32Array(offsets.buffer, offsets.byteOffset, 2 * offsets.length);
  const column: number[] = [];
  for (let at = 0; at < halves.length; at += 2) {
    const above = halves[at + high] ?? 0;
    if (above >= highLimit) return [...offsets];
    column.push(above * 2 ** 32 + (halves[at + 1 - high] ?? 0));
  }
  return column;
}

/** Lags are never negative. @param ends one end per commit, in the same order */
export function lagColumn(ends: OffsetColumn, committed: OffsetColumn): OffsetColumn {
  if (!areNumbers(ends) || !areNumbers(committed)) {
    const commits = inBigInts(committed);
    return inBigInts(ends)
      .map((end, index) => end - (commits[index] ?? 0n))
      .map((lag) => (lag > 0n ? lag : 0n));
  }
  return ends.map((end, index) => Math.max(0, end - (committed[index] ?? 0)));
}

export function sumOf(offsets: OffsetColumn): bigint {
  if (areNumbers(offsets)) {
    let sum = 0;
    for (const offset of offsets) sum += offset;
    // No offset is negative: if the sum is exact, so is every part of it.
    if (Number.isSafeInteger(sum)) return BigInt(sum);
  }
  return inBigInts(offsets).reduce((sum, offset) => sum + offset, 0n);
}

const inBigInts = (column: OffsetColumn): bigint[] => Array.from<number | bigint, bigint>(column, BigInt);

const areNumbers = (column: OffsetColumn): column is readonly number[] => typeof column[0] !== 'bigint';
