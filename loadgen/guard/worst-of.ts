// Selects the value that is nearest to a bound or furthest past it.

/** @returns undefined without figures; with both bounds the one that lies outside, else the highest */
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
