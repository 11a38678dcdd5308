// How is a figure written for a reader? Grouped digits, few decimals, a unit beside it.

import type { AnalysedResource } from '../../core/analysis.ts';
import type { Language } from './strings.ts';

export interface Numbers {
  rate(messagesPerSecond: number): string;
  percent(ratio: number): string;
  seconds(value: number): string;
  bytes(value: number): string;
  plain(value: number): string;
  capacity(capacity: NonNullable<AnalysedResource['capacity']>): string;
  moment(iso: string): string;
}

export function createNumbers(language: Language): Numbers {
  const grouped = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const few = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const percents = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const scaled = (value: number, units: readonly string[]): string => {
    const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)));
    return `${few.format(value / 1000 ** power)} ${units[power]}`;
  };
  const bytes = (value: number) => scaled(value, ['B', 'kB', 'MB', 'GB', 'TB']);
  const plain = (value: number) => (Math.abs(value) >= 1000 ? grouped.format(value) : few.format(value));

  return {
    rate: (value) => grouped.format(value),
    percent: (ratio) => percents.format(ratio),
    seconds: (value) => (value < 1 ? `${few.format(value * 1000)} ms` : `${few.format(value)} s`),
    bytes,
    plain,
    capacity: ({ value, unit }) => {
      switch (unit) {
        case 'bytes/s':
          return `${bytes(value)}/s`;
        case 'bytes':
          return bytes(value);
        case 'ratio':
          return percents.format(value);
        default:
          return `${plain(value)} ${unit}`;
      }
    },
    // One zone for every reader: two people who compare stamps see the same.
    moment: (iso) => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`,
  };
}
