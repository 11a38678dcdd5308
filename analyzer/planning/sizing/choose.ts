// Chooses the candidate with the least regret, relative to the best candidate of each simulation.

import { priceOf, type Candidate } from './candidates.ts';
import type { Regret } from './least-regret.ts';
import { hostsPerMaster } from './request.ts';

/** @param candidates at least one */
export function choose(candidates: readonly Candidate[], regret: Regret): Candidate {
  const sorted = candidates.toSorted(inOrder);
  const first = sorted[0] as Candidate;
  const samples = first.needed.length - 1;
  if (samples === 0 || sorted.length === 1) return first;
  const best = new Float64Array(samples).fill(Infinity);
  for (const candidate of sorted) {
    const unit = unitCost(candidate);
    for (let sample = 0; sample < samples; sample += 1) {
      const cost = unit * (candidate.needed[sample] as number);
      if (cost < (best[sample] as number)) best[sample] = cost;
    }
  }
  const meanBest = best.reduce((sum, cost) => sum + cost, 0) / samples;
  let [chosen, least] = [first, Infinity];
  for (const candidate of sorted) {
    // The mean of a convex function is at least the function of the mean, so candidates that cannot win are skipped.
    if (regret.over(Math.max(0, candidate.cost - meanBest)) > least) continue;
    const mean = meanRegret(candidate, best, regret);
    if (mean < least) [chosen, least] = [candidate, mean];
  }
  return chosen;
}

function meanRegret(candidate: Candidate, best: Float64Array, regret: Regret): number {
  const unit = unitCost(candidate);
  let sum = 0;
  for (let sample = 0; sample < best.length; sample += 1) {
    const spent = candidate.cost - (best[sample] as number);
    const missing = (candidate.needed[sample] as number) - candidate.masters;
    if (spent > 0) sum += regret.over(spent);
    if (missing > 0) sum += regret.under(unit * missing);
  }
  return sum / best.length;
}

/** Cost of one more master in each of the clusters. */
const unitCost = ({ build, clusters, shape }: Candidate) => clusters * hostsPerMaster(build) * priceOf(shape);

/** Cheaper first, then smaller: the tie-break. */
function inOrder(one: Candidate, two: Candidate): number {
  return (
    one.cost - two.cost ||
    one.shape.cores - two.shape.cores ||
    one.shape.memoryBytes - two.shape.memoryBytes ||
    one.shape.diskBytes - two.shape.diskBytes ||
    (one.shape.name < two.shape.name ? -1 : one.shape.name > two.shape.name ? 1 : 0)
  );
}
