// Draws from weighted outcomes in constant time (alias method).

/**
 * Vose, "A linear algorithm for generating random numbers with a given distribution", 1991. Every column is as high as
 * the mean weight: filled by its own outcome up to `own`, and by that of `other` above.
 *
 * @param weights none negative, at least one above zero
 * @returns a function from a draw in [0, 1) to an index into the weights
 */
export function aliasTable(weights: readonly number[]): (draw: number) => number {
  const count = weights.length;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const scaled = weights.map((weight) => (weight * count) / sum);
  const own = new Float64Array(count).fill(1);
  const other = Uint32Array.from(weights, (_, index) => index);
  const small: number[] = [];
  const large: number[] = [];
  for (const [index, height] of scaled.entries()) (height < 1 ? small : large).push(index);
  for (;;) {
    const [less, more] = [small.pop(), large.at(-1)];
    if (less === undefined || more === undefined) break;
    own[less] = scaled[less] ?? 1;
    other[less] = more;
    const left = (scaled[more] ?? 0) + (scaled[less] ?? 0) - 1;
    scaled[more] = left;
    if (left < 1) small.push(large.pop() ?? more);
  }
  return (draw) => {
    const place = draw * count;
    const column = Math.min(count - 1, Math.floor(place));
    return place - column < (own[column] ?? 1) ? column : (other[column] ?? column);
  };
}
