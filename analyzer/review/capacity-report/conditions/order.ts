// Judges whether one partition or queue sustained the peak of a domain that needs global order.

import { isOwnTraffic, isWhole, judged, type Judged, type Measured, type MeasuredCase } from '../go-case.ts';
import { proofsOf } from '../proofs.ts';

/** A load test that sent all messages to one partition or queue. */
export const isOfOnePartition = ({ analysis }: Pick<Measured, 'analysis'>): boolean =>
  analysis.fingerprint?.['topic.partitions'] === '1';

/** @returns no condition where the domain needs no global order */
export function judgeOrder(case_: MeasuredCase): Judged[] {
  const { ordered, neighbors = [] } = case_;
  if (ordered === undefined) return [];
  const { peakTps: neededTps, tests } = ordered;
  // Where the domain has the cluster for itself, its production was ordered.
  const isProof = (each: Measured) => isOfOnePartition(each) || (isOwnTraffic(each) && neighbors.length === 0);
  const { best } = proofsOf(
    tests.filter((each) => isWhole(each) && isProof(each)),
    case_,
  );
  const figures = { neededTps, ...(best && { basis: 'measured' as const, tps: best.tps, subject: best.source }) };
  if (best !== undefined && best.tps >= neededTps) return [judged('order', 'holds', [], figures)];
  return [judged('order', 'unknown', [{ code: 'order-not-proven', neededTps }], figures)];
}
