// Fits the scaling law of a closed loop through four or more numbers of senders.

import type { Finding } from '../../../core/documents/analysis.ts';
import { fewestLevels } from './laws/fit-scaling.ts';
import { scalingOf } from './laws/scaling.ts';
import { percentText, quantityText, rateText } from '../../../core/text/quantity-text.ts';

/** @returns nothing below four numbers of senders: three parameters go through any three */
export function closedLoopScaling(levels: readonly { senders: number; tps: number }[]): Finding[] {
  if (new Set(levels.map(({ senders }) => senders)).size < fewestLevels) return [];
  const scaling = scalingOf(levels.map(({ senders, tps }) => ({ concurrency: senders, throughput: tps })));
  if (scaling.kind === 'refused') return [];
  const { model, law, peak, knee, r2, steps } = scaling;
  const source = `least squares over ${steps.length} numbers of senders`;
  return [
    {
      severity: 'info',
      code: 'scaling-law',
      message: [
        peakWords(scaling),
        ...(knee ? [`From ${quantityText(knee.concurrency)} on, more of them mostly wait.`] : []),
      ].join(' '),
      evidence: [
        { name: 'model', value: model, unit: 'name', source },
        { name: 'lambda', value: law.lambda, unit: 'messages/s', source },
        { name: 'sigma', value: law.sigma, unit: 'ratio', source },
        ...(model === 'usl' ? [{ name: 'kappa', value: law.kappa, unit: 'ratio', source }] : []),
        { name: 'r2', value: r2, unit: 'ratio', source },
        ...(peak ? [{ name: 'peak', value: peak.concurrency, unit: 'senders', source }] : []),
      ],
    },
  ];
}

function peakWords({
  model,
  law,
  peak,
  atLeast,
  steps,
}: Extract<ReturnType<typeof scalingOf>, { kind: 'fitted' }>): string {
  const most = quantityText(steps.at(-1)?.concurrency ?? 0);
  if (atLeast !== undefined) {
    const reached = `the rate reaches at least ${rateText(atLeast.throughput)} with ${quantityText(atLeast.concurrency)} of them`;
    const why =
      atLeast.reason === 'beyond-the-steps'
        ? `the fitted peak lies beyond the ${most} tested`
        : 'a fit without the last steps does not predict them';
    return `Senders cost one another: ${reached}. No peak is named, since ${why}.`;
  }
  if (peak !== undefined) {
    const { low, high } = peak.interval.concurrency;
    return `Senders cost one another: the rate peaks at ${quantityText(peak.concurrency)} of them (${quantityText(low)} to ${high === undefined ? 'any number' : quantityText(high)}), near ${rateText(peak.throughput)}.`;
  }
  if (model === 'amdahl' && law.sigma > 0) {
    return `Senders wait for something that serves them one at a time for ${percentText(law.sigma)} of their work: no number of them gets more than ${rateText(law.lambda / law.sigma)} there.`;
  }
  return `Up to ${most} senders the rate grows as they do.`;
}
