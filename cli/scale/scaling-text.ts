// Renders a scaling law as text: parameters, peak, and its limits.

import { durationText } from '../../core/text/duration-text.ts';
import { quantityText } from '../../core/text/quantity-text.ts';
import type { Scaling } from '../../analyzer/verdict/fit/laws/scaling.ts';
import { latencyAt } from '../../analyzer/verdict/fit/laws/scaling-law.ts';
import type { Range } from '../../analyzer/verdict/fit/laws/scaling-peak.ts';
import { drawScaling } from './draw-scaling.ts';
import type { Inverse } from '../../app/planning/inverse.ts';

type Fitted = Extract<Scaling, { kind: 'fitted' }>;

const modelTexts = {
  linear: 'straight growth',
  amdahl: "Amdahl's law: contention, no peak",
  usl: 'the Universal Scalability Law: contention and crosstalk',
} as const;

export function scalingText(
  scaling: Fitted,
  { inverse, columns, isPlain }: { inverse: Inverse | undefined; columns: number; isPlain: boolean },
): string {
  const { law, steps, peak } = scaling;
  const most = steps.at(-1)?.concurrency ?? 1;
  const until = 1.05 * Math.max(most, peak?.concurrency ?? 0);
  return [
    drawScaling({ law, steps, until, columns, isPlain }),
    `${steps.length} concurrencies follow ${modelTexts[scaling.model]}; r² ${scaling.r2.toFixed(4)}.`,
    ...parameterLines(scaling),
    peakLine(scaling),
    kneeLine(scaling),
    ...(inverse === undefined ? [] : [inverseLine(inverse)]),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function parameterLines({ model, law, standardErrors: errors }: Fitted): string[] {
  const within = (error: number | undefined) => (error === undefined ? '' : ` ± ${figure(error)}`);
  const lines = [`  λ ${figure(law.lambda)}/s${within(errors?.lambda)}  throughput of one`];
  if (model !== 'linear')
    lines.push(`  σ ${figure(law.sigma)}${within(errors?.sigma)}  contention: share of the work done one at a time`);
  if (model === 'usl') lines.push(`  κ ${figure(law.kappa)}${within(errors?.kappa)}  crosstalk: what every pair costs`);
  return lines;
}

function peakLine({ law, steps, peak, atLeast, model }: Fitted): string {
  if (steps.length === 0) return '';
  const highest = steps.reduce((best, step) => (step.throughput > best.throughput ? step : best));
  if (peak === undefined) {
    const asymptote =
      law.sigma > 0 ? `; the law stays below ${quantityText(law.lambda / law.sigma)}/s at any concurrency` : '';
    const why = atLeast
      ? whyUnnamed[atLeast.reason]
      : model === 'usl'
        ? 'no step lost 5% of the throughput per worker'
        : 'throughput did not fall with more workers';
    return `Peak: unknown, ${why}. At least ${quantityText(highest.throughput)}/s at ${quantityText(highest.concurrency)}${model === 'amdahl' ? asymptote : ''}.`;
  }
  const { interval } = peak;
  return `Peak: ${quantityText(peak.throughput)}/s (${rangeText(interval)}) at ${quantityText(peak.concurrency)} (${rangeText(interval.concurrency)}), 95% intervals.`;
}

const whyUnnamed = {
  'beyond-the-steps': 'the law puts it beyond the last step: measure there',
  'not-validated': 'the law does not predict the last steps from those before: measure more of them',
} as const;

function kneeLine({ knee, law }: Fitted): string {
  if (knee === undefined) return 'Knee: none within the steps; more workers still raised throughput.';
  return `Knee: ${quantityText(knee.throughput)}/s at ${quantityText(knee.concurrency)}, latency ${durationText(latencyAt(law, knee.concurrency))}; from there on more workers mostly wait.`;
}

function inverseLine({ question, concurrency, atMost, isExtrapolated }: Inverse): string {
  const target =
    'throughput' in question
      ? `${quantityText(question.throughput)}/s`
      : `a latency of ${durationText(question.seconds)}`;
  if (concurrency === undefined) return `${target} is not reached: ${atMost}.`;
  const far = isExtrapolated ? ', far beyond the last step: measure there to confirm' : '';
  return `${target} takes a concurrency of ${Number(concurrency.toFixed(2))}${far}.`;
}

const rangeText = ({ low, high }: Range) =>
  high === undefined ? `from ${quantityText(low)}` : `${quantityText(low)} to ${quantityText(high)}`;

/** Four digits that count, as coefficients are small. */
function figure(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return rounded >= 1000 ? rounded.toLocaleString('en-US') : String(rounded);
}
