// Subtracts number ranges from each other and sums their lengths.

/** Range from the first number (inclusive) to the last (exclusive). */
export type NumberRange = readonly [from: number, to: number];

/** Both inputs ascend without overlaps. @returns ascending ranges of the numbers in `from` that are not in `taken` */
export function* without(from: Iterable<NumberRange>, taken: Iterable<NumberRange>): Iterable<NumberRange> {
  const others = taken[Symbol.iterator]();
  let other = others.next();
  for (const [start, end] of from) {
    let at = start;
    while (at < end) {
      while (!other.done && other.value[1] <= at) other = others.next();
      const [gap, back] = other.done ? [Infinity, Infinity] : other.value;
      if (gap > at) yield [at, Math.min(gap, end)];
      at = Math.max(at, back);
    }
  }
}

export function lengthOf(ranges: Iterable<NumberRange>): number {
  let sum = 0;
  for (const [from, to] of ranges) sum += to - from;
  return sum;
}
