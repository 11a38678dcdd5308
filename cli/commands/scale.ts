// Implements `plimsoll scale`: fits a scaling law to points of a CSV file.

import { z } from 'zod';
import { type Scaling, scalingOf } from '../../analyzer/verdict/fit/laws/scaling.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { defineCommand, flag, oneWord, option, type OptionValues, PositiveAmount } from '../command.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { type Inverse, inverseOf, type InverseQuestion } from '../../app/planning/inverse.ts';
import { readPoints } from '../../app/planning/points-file.ts';
import { scalingDocument } from '../scale/scaling-document.ts';
import { Duration } from '../../core/text/quantity.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { quantityText, shortRateText } from '../../core/text/quantity-text.ts';
import { latencyAt, throughputAt } from '../../analyzer/verdict/fit/laws/scaling-law.ts';
import type { Range } from '../../analyzer/verdict/fit/laws/scaling-peak.ts';
import { chartColumns, framed, labelWidth, rowOf } from '../chart.ts';

const LatencySeconds = z.string().transform((typed, context) => {
  const { data, error } = /^[\d.]+(e-?\d+)?$/i.test(typed)
    ? PositiveAmount.safeParse(typed)
    : Duration.safeParse(typed);
  if (data !== undefined && data > 0) return data;
  context.addIssue(error?.issues[0]?.message ?? `${typed} is not above 0`);
  return z.NEVER;
});

const inverseOptions = {
  'at-throughput': option(
    'RATE',
    'also print the concurrency for this throughput, in the unit of the file',
    PositiveAmount.optional(),
  ),
  'at-latency': option(
    'TIME',
    'also print the concurrency at this mean latency: seconds, or 1.6ms',
    LatencySeconds.optional(),
    { hint: 'seconds, such as 0.0016, or a duration such as 1.6ms' },
  ),
};

/** @throws AppError usage */
function requestedInverse(options: OptionValues<typeof inverseOptions>): InverseQuestion | undefined {
  const { 'at-throughput': throughput, 'at-latency': seconds } = options;
  if (throughput !== undefined && seconds !== undefined) {
    throw new AppError('usage', '--at-throughput and --at-latency exclude each other', {
      hint: 'give one of them',
    });
  }
  if (seconds !== undefined) return { seconds };
  return throughput === undefined ? undefined : { throughput };
}

export const scaleCommand = defineCommand({
  positionals: 'POINTS.csv',
  options: {
    ...inverseOptions,
    json: flag('print the result as one JSON document'),
  },
  examples: [
    'plimsoll scale examples/scaling.csv',
    'plimsoll scale examples/scaling.csv --at-throughput 11048',
    'plimsoll scale points.csv --at-latency 1.6ms --json',
  ],

  async run({ positionals, options, stdout, stderr, signal, environment }) {
    const path = oneWord({ positionals }, 'scale', 'a CSV file with the header concurrency,throughput');
    const question = requestedInverse(options);
    const scaling = scalingOf(await readPoints(path, { signal }));
    const inverse =
      question && scaling.kind === 'fitted'
        ? inverseOf(scaling.law, question, scaling.steps.at(-1)?.concurrency ?? 1)
        : undefined;
    if (options.json) {
      stdout.write(`${JSON.stringify(scalingDocument(scaling, inverse), undefined, 2)}\n`);
    } else if (scaling.kind === 'fitted') {
      const isPlain = !knowsUnicode(environment);
      stdout.write(scalingText(scaling, { inverse, columns: stdout.columns, isPlain }));
    }
    if (scaling.kind === 'refused') {
      stderr.write(`no law fits: ${scaling.message}\n`);
      return exitCodes.unknown;
    }
    if (inverse === undefined || inverse.concurrency !== undefined) return exitCodes.answered;
    if (options.json) stderr.write(`no concurrency reaches the target: ${inverse.atMost}\n`);
    return exitCodes.unknown;
  },
});

type Fitted = Extract<Scaling, { kind: 'fitted' }>;

const modelTexts = {
  linear: 'straight growth',
  amdahl: "Amdahl's law: contention, no peak",
  usl: 'the Universal Scalability Law: contention and crosstalk',
} as const;

function scalingText(
  scaling: Fitted,
  { inverse, columns, isPlain }: { inverse: Inverse | undefined; columns: number; isPlain: boolean },
): string {
  return [
    drawScaling(scaling, { columns, isPlain }),
    `${scaling.steps.length} concurrencies follow ${modelTexts[scaling.model]}; r² ${scaling.r2.toFixed(4)}.`,
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

/** Four significant digits, since coefficients are small. */
function figure(value: number): string {
  const rounded = Number(value.toPrecision(4));
  return rounded >= 1000 ? rounded.toLocaleString('en-US') : String(rounded);
}

const rows = 10;

const fine = { law: '·', step: '●' };
const plain: typeof fine = { law: '.', step: 'o' };

/** @returns lines of text, each ended */
function drawScaling(
  { law, steps, peak }: Fitted,
  { columns, isPlain }: { columns: number; isPlain: boolean },
): string {
  const most = steps.at(-1)?.concurrency ?? 1;
  // The axis ends a little after the last step, or after a peak close to it.
  const until = 1.05 * Math.max(most, peak?.concurrency ?? 0);
  const pen = isPlain ? plain : fine;
  const width = chartColumns(columns, 72);
  const at = Array.from({ length: width }, (_, column) => throughputAt(law, ((column + 0.5) / width) * until));
  const highest = Math.max(...at, ...steps.map(({ throughput }) => throughput));
  const grid = Array.from({ length: rows }, () => Array.from({ length: width }, () => ' '));
  const put = (column: number, throughput: number, mark: string) => {
    const line = grid[rows - 1 - rowOf(throughput, highest, rows)];
    if (line !== undefined) line[Math.min(width - 1, Math.max(0, column))] = mark;
  };
  for (const [column, throughput] of at.entries()) put(column, throughput, pen.law);
  for (const { concurrency, throughput } of steps) put(Math.floor((concurrency / until) * width), throughput, pen.step);
  const end = String(Number(until.toPrecision(3)));
  return [
    ...framed({ lines: grid, highest, label: shortRateText, isPlain }),
    `${' '.repeat(labelWidth + 2)}0${'concurrency'.padStart(Math.floor(width / 2) + 4)}${end.padStart(width - Math.floor(width / 2) - 5)}`,
    '',
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}
