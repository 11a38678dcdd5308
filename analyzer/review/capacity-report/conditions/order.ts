// Judges whether one partition or queue sustained the peak of a domain that needs global order.

import { isWhole, judged, withoutLimits, type Judged, type Measured, type MeasuredCase } from '../go-case.ts';
import { proofsOf } from '../proofs.ts';

/** A load test that sent all messages to one partition or queue. */
export const isOfOnePartition = ({ analysis }: Pick<Measured, 'analysis'>): boolean =>
  analysis.fingerprint?.['topic.partitions'] === '1';

/**
 * The shared cluster carried what one partition sustained, whose limits are not those of the cluster. A
 * computed loss shows as much, but only if no test computed it for more partitions.
 */
export function ofSharedCluster(measured: readonly Measured[], neededTps = Infinity): Measured[] {
  const isComputed = measured.some(
    (each) => isWhole(each) && !isOfOnePartition(each) && each.analysis.withoutOne !== undefined,
  );
  return measured.flatMap((each) => {
    if (!isOfOnePartition(each)) return [each];
    // Also with a broker down: less than required says nothing about the rest of the cluster.
    if (!isWhole(each) && (each.analysis.held?.tps ?? 0) < neededTps) return [];
    return [withoutLimits(each, { neededTps, afterLossTps: isComputed ? Infinity : neededTps })];
  });
}

/** @returns no condition if the domain needs no global order */
export function judgeOrder(case_: MeasuredCase): Judged[] {
  const { ordered, neighbors = [] } = case_;
  if (ordered === undefined) return [];
  const { peakTps: neededTps, tests } = ordered;
  // If the domain is alone on the cluster, its production was ordered. A redline shows the rate of all leaders.
  const isOrdered = ({ analysis }: Measured) => analysis.run.origin === 'production' && neighbors.length === 0;
  const isProof = (each: Measured) => isOfOnePartition(each) || isOrdered(each);
  const { best } = proofsOf(
    tests.filter((each) => isWhole(each) && isProof(each)),
    case_,
  );
  const figures = { neededTps, ...(best && { basis: 'measured' as const, tps: best.tps, subject: best.source }) };
  if (best !== undefined && best.tps >= neededTps) return [judged('order', 'holds', [], figures)];
  return [judged('order', 'unknown', [{ code: 'order-not-proven', neededTps }], figures)];
}
