// Computes the average rate that the disks can store for the configured retention: the tightest disk of all brokers.

import type { Analysis } from '../../../core/documents/analysis.ts';
import type { MeasuredStep } from '../steps/measured-step.ts';
import { retentionCeilings } from './resources/retention.ts';
import { wholeWithin } from './resources/use.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import type { Surroundings } from './resource-use.ts';

/** @returns undefined without a configured retention, or without a disk that has a size and was written to */
export function retentionOf(
  steps: readonly MeasuredStep[],
  { brokers }: Surroundings,
  { retentionSeconds, limits }: Policy,
): Analysis['retention'] {
  if (retentionSeconds === undefined) return undefined;
  const keeping = { retentionSeconds: retentionSeconds.value, share: limits['disk-space'].value };
  const ceilings = brokers.flatMap((series) => {
    const observed = steps.map((step) => ({ step, intervals: wholeWithin(series.host.intervals, step.window) }));
    return retentionCeilings(observed, series, keeping);
  });
  const [first] = ceilings.toSorted((a, b) => a.tps - b.tps);
  return first && { tps: first.tps, retentionSeconds: keeping.retentionSeconds, limitedBy: first.limitedBy };
}
