// Renders the computation of a verdict as text lines: each figure with its formula, inputs and source.

import { punctuation } from '../../../core/text/punctuation.ts';
import type { Analysis } from '../../../core/documents/analysis.ts';
import type { ExplainedFigure } from '../../../core/documents/explained-figure.ts';
import { causeText } from '../../../core/documents/reasons/missing-causes.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import {
  lossName,
  percentText,
  quantityText,
  rateNumberText,
  rateText,
  unitText,
} from '../../../core/text/quantity-text.ts';
import { figureText, languages, type ExplainTexts, type Language } from './explain-texts.ts';
import { wrap } from '../../../core/text/table.ts';

const width = 100;
const indent = 4;

export function explainLines(analysis: Analysis, language: Language): string[] {
  const texts = languages[language];
  const { explanation = [] } = analysis;
  const chain =
    explanation.length > 0 ? explanation.flatMap((figure) => figureLines(figure, texts, language)) : [texts.nothing];
  return [texts.title, ...chain, ...outlookLines(analysis, texts, language)];
}

function figureLines(figure: ExplainedFigure, texts: ExplainTexts, language: Language): string[] {
  const { id, value, unit, from, source } = figure;
  const { name, formula } = figureText(figure, language);
  const amount = typeof value === 'number' ? quantityText(value) : value;
  const [first = '', ...rest] = wrap(
    `${id}  ${name}  ${`${amount} ${unitText(unit, language, value)}`.trim()}${formula === undefined ? '' : `  = ${formula}`}`,
    width,
    indent,
  );
  const { colon, semicolon } = punctuation[language];
  const of = from.length === 0 ? '' : `${texts.from} ${shortened(from)}${semicolon}`;
  const origin = wrap(`${of}${texts.source}${colon}${source}`, width - indent, 0).map(
    (line) => ' '.repeat(indent) + line,
  );
  return [first, ...rest, ...origin];
}

/** Long series of steps are abbreviated: `step.1 … step.5`. */
function shortened(ids: readonly string[]): string {
  const numbers = ids.flatMap((id) => /^step\.(\d+)\./.exec(id)?.[1] ?? []);
  const [first, last] = [numbers[0], numbers.at(-1)];
  const others = ids.filter((id) => !id.startsWith('step.'));
  const steps = first === undefined ? [] : [first === last ? `step.${first}` : `step.${first} … step.${last}`];
  return [...steps, ...others].join(', ');
}

function outlookLines(analysis: Analysis, texts: ExplainTexts, language: Language): string[] {
  const rate = (tps: number) => rateText(tps, language);
  const { colon, comma, open, close } = punctuation[language];
  const { binding = [], nextCeiling, testedTps, extrapolated, retention, withoutOne = [], safeMaxTps } = analysis;
  const lines: string[] = [];
  if (binding.length > 0) {
    const shares = binding.map(
      ({ limitedBy, probability }) => `${limitText(limitedBy, language)} ${percentText(probability)}`,
    );
    lines.push(`${texts.binding}${colon}${shares.join(comma)}`);
  }
  if (nextCeiling) {
    const { limitedBy, estimateTps, interval } = nextCeiling;
    const high = interval.high === undefined ? undefined : rateNumberText(interval.high);
    const range = texts.interval(rateNumberText(interval.low), high, percentText(interval.confidence));
    lines.push(
      `${texts.next}${colon}${limitText(limitedBy, language)}${comma}${rate(estimateTps)}${open}${range}${close}`,
    );
  }
  if (testedTps) lines.push(`${texts.tested}${colon}${rateNumberText(testedTps.low)} – ${rate(testedTps.high)}`);
  if (extrapolated) lines.push(`${texts.extrapolated}${colon}${quantityText(extrapolated.factor)}`);
  if (retention) {
    const basis = retention.basis === 'message-size' ? `${open}${texts.estimatedBytes}${close}` : '';
    lines.push(`${texts.retention}${colon}${rate(retention.tps)}${basis}`);
  }
  for (const { lost, id, tps, limitedBy } of withoutOne) {
    lines.push(
      `${texts.without} ${lossName({ lost, id }, language)}${colon}${rate(tps)}${comma}${limitText(limitedBy, language)}`,
    );
  }
  if (safeMaxTps.kind === 'unknown') {
    const missing = safeMaxTps.missing.map((each) => causeText(each, language));
    lines.push(`${texts.missing}${colon}${missing.join(comma)}`);
  }
  return lines.flatMap((line) => wrap(line, width, 2));
}
