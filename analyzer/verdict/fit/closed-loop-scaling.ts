// Fits the scaling law of a closed loop through four or more numbers of senders.

import type { Finding } from '../../../core/documents/analysis.ts';
import { fewestLevels } from './laws/fit-scaling.ts';
import { scalingOf } from './laws/scaling.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';

/** @returns empty below four numbers of senders, because three parameters fit any three exactly */
export function closedLoopScaling(levels: readonly { senders: number; tps: number }[]): Finding[] {
  if (new Set(levels.map(({ senders }) => senders)).size < fewestLevels) return [];
  const scaling = scalingOf(levels.map(({ senders, tps }) => ({ concurrency: senders, throughput: tps })));
  if (scaling.kind === 'refused') return [];
  const { model, law, peak, knee, r2, steps, atLeast } = scaling;
  return [
    findingOf('scaling-law', {
      model,
      ...law,
      r2,
      levels: steps.length,
      mostSenders: steps.at(-1)?.concurrency ?? 0,
      ...(knee && { kneeSenders: knee.concurrency }),
      ...(peak && { peak: { senders: peak.concurrency, ...peak.interval.concurrency, tps: peak.throughput } }),
      ...(atLeast && {
        atLeast: {
          tps: atLeast.throughput,
          senders: atLeast.concurrency,
          isBeyondTested: atLeast.reason === 'beyond-the-steps',
        },
      }),
    }),
  ];
}
