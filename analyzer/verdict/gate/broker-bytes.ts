// Sums counters over all brokers for each step.

import type { BrokerFigures } from '../../../core/documents/evidence/broker-figures.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import { meanOfSamples, wholeWithin } from '../limits/resources/use.ts';
import type { JudgedStep } from '../steps/step-verdict.ts';

/** @returns the sums of each sustained step in which every broker reported every figure */
export function figuresPerStep<Figure extends keyof BrokerFigures>(
  { brokers }: LoadTestRun,
  steps: readonly JudgedStep[],
  figures: readonly Figure[],
): (Record<Figure, number> & { step: JudgedStep['step'] })[] {
  const all = [...(brokers?.values() ?? [])];
  if (all.length === 0) return [];
  return steps.flatMap(({ verdict, step }) => {
    if (verdict.kind !== 'sustained') return [];
    const sums = figures.map((figure) => {
      const means = all.map((intervals) => meanOfSamples(wholeWithin(intervals, step.window), figure) ?? Number.NaN);
      return [figure, means.reduce((sum, each) => sum + each, 0)] as const;
    });
    if (sums.some(([, sum]) => Number.isNaN(sum))) return [];
    return [{ ...(Object.fromEntries(sums) as Record<Figure, number>), step }];
  });
}

/** @returns deliveries to groups per produced message, over all sustained steps */
export function deliveredCopies(steps: readonly JudgedStep[]): number {
  const own = steps.filter(({ verdict, step }) => verdict.kind === 'sustained' && step.groups.length > 0);
  const produced = own.reduce((sum, { step }) => sum + step.tps, 0);
  const given = own.reduce((sum, { step }) => sum + step.groups.reduce((all, { tps }) => all + tps, 0), 0);
  return produced > 0 ? given / produced : 0;
}
