// Formats the figures of written results: rates rounded to hundreds, ranges and citations.

import type { Evidence } from '../documents/analysis.ts';
import { writtenUnits, type Citation, type Reading } from '../documents/written-reading.ts';

type Language = 'en' | 'zh';

export interface Span {
  low: number;
  high: number;
}

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });
const hundredth = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });

const toHundreds = (value: number) => Math.round(value / 100) * 100;

/** `31,500`: computed rates are not precise to one message. */
export const tpsText = (tps: number): string => whole.format(toHundreds(tps));
export const tpsRange = ({ low, high }: Span, language: Language = 'en'): string =>
  span(tpsText(low), tpsText(high), language);

export const exact = (value: number): string => hundredth.format(value);
const wholeText = (value: number): string => whole.format(value);
export const bytesRange = ({ low, high }: Span, language: Language = 'en'): string =>
  span(wholeText(low), wholeText(high), language);

const megabytes = (value: number) => tenth.format(value / 1e6);
export const megabyteRate = (bytesPerSecond: number): string => `${megabytes(bytesPerSecond)} MB/s`;
export const rateRange = ({ low, high }: Span, language: Language = 'en'): string =>
  `${span(megabytes(low), megabytes(high), language)} MB/s`;

const span = (low: string, high: string, language: Language) =>
  low === high ? low : `${low} ${language === 'zh' ? '至' : 'to'} ${high}`;

export const cited = ({ document, heading, quote }: Citation): string => `${document}, ${heading}: “${quote}”`;

export function evidenceOf(reading: Reading): Evidence {
  return {
    name: reading.quantity,
    value: reading.value ?? reading.text ?? reading.source.quote,
    unit: reading.value === undefined ? 'statement' : writtenUnits[reading.quantity],
    source: cited(reading.source),
  };
}
