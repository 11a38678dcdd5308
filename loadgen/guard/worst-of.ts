// Selects the value closest to a bound, or furthest beyond it.

/** @returns undefined without values; with both bounds, the value outside them, otherwise the highest */
export function worstOf(
  values: Iterable<number>,
  { above, below }: { above?: number | undefined; below?: number | undefined },
): number | undefined {
  let highest: number | undefined;
  let lowest: number | undefined;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    if (highest === undefined || value > highest) highest = value;
    if (lowest === undefined || value < lowest) lowest = value;
  }
  if (above === undefined) return lowest;
  return below !== undefined && lowest !== undefined && lowest < below ? lowest : highest;
}
