// Checks that the interfaces moved at least the bytes of the produced and delivered bodies.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { haveCardsOfTheirOwn, slopeOf, sustainedPoints } from '../../findings/byte-findings.ts';
import { deliveredCopies } from '../broker-bytes.ts';
import { refused, warned, type Check, type Inconsistency } from '../check.ts';

/** Highest compression ratio; only repeated data compresses more, as in analyzer/evidence/bytes/byte-explanations.ts. */
const mostPacked = 50;
/** Tolerance for a measured slope. */
const slack = 0.95;

export const bodyBytes: Check = (context) => {
  const { run, steps, uses } = context;
  const { messageBytes } = run.document.workload;
  if (messageBytes === undefined || !haveCardsOfTheirOwn(run)) return [];
  const points = sustainedPoints(steps);
  const copies = { in: 1, out: deliveredCopies(steps) };
  return (['in', 'out'] as const).flatMap((direction): Inconsistency[] => {
    const slope = slopeOf(direction, run, points, uses)[direction];
    const bodies = copies[direction] * messageBytes;
    // Without deliveries there are no bodies to compare with, and the slope of a few responses may be negative.
    if (slope?.high === undefined || bodies === 0 || slope.high >= slack * bodies) return [];
    const isImpossible = slope.high < bodies / mostPacked;
    const facts = { direction, copies: copies.out, bytes: slope.value, bodyBytes: bodies, isImpossible };
    const finding = findingOf('bodies-above-counters', facts);
    if (!isImpossible) return [warned(finding)];
    return [refused(`counters that the bytes ${direction} went through`, 'cluster', finding)];
  });
};
