// Divides a scarce resource by max-min fairness.

/** Writes the share of each demand into `given`; all demands are met if the supply suffices. */
export function shareFairly(wants: Float64Array, supply: number, given: Float64Array): void {
  let demanded = 0;
  for (const want of wants) demanded += want;
  if (demanded <= supply) {
    given.set(wants);
    return;
  }
  const order = Array.from(wants.keys()).sort((a, b) => (wants[a] ?? 0) - (wants[b] ?? 0));
  let left = supply;
  for (const [place, index] of order.entries()) {
    const share = Math.min(wants[index] ?? 0, left / (order.length - place));
    given[index] = share;
    left -= share;
  }
}

/** @returns the cap per claim at which all claims together use the supply; Infinity if it suffices for all */
export function fairLevel(claims: readonly number[], supply: number): number {
  const total = claims.reduce((sum, claim) => sum + claim, 0);
  if (total <= supply) return Infinity;
  let left = Math.max(0, supply);
  const order = claims.toSorted((a, b) => a - b);
  for (const [place, claim] of order.entries()) {
    const share = left / (order.length - place);
    if (claim > share) return share;
    left -= claim;
  }
  return Infinity;
}
