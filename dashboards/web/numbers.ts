// Formats figures for a reader: grouped digits, few decimals, a unit beside them.

import type { AnalysedResource } from '../../core/documents/analysis.ts';
import { spanText } from './duration-text.ts';
import type { Language } from './strings.ts';

export interface Numbers {
  rate(messagesPerSecond: number): string;
  percent(ratio: number): string;
  seconds(value: number): string;
  bytes(value: number): string;
  plain(value: number): string;
  capacity(capacity: NonNullable<AnalysedResource['capacity']>): string;
  moment(iso: string): string;
  /** `14:05`, for a page that tells the day elsewhere. */
  time(iso: string): string;
  /** How long ago or until: one unit, rounded down. */
  span(seconds: number): string;
}

/** @param timeZone of moments; one for every reader unless chosen, so that two who compare stamps see the same */
export function createNumbers(language: Language, timeZone = 'UTC'): Numbers {
  const grouped = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const few = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const percents = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'short',
    hourCycle: 'h23',
  });
  const zoneName = (at: Date) =>
    timeZone === 'UTC'
      ? 'UTC'
      : (new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' })
          .formatToParts(at)
          .find(({ type }) => type === 'timeZoneName')?.value ?? timeZone);
  const stamped = (at: Date) => {
    const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
    return { day: `${parts['year']}-${parts['month']}-${parts['day']}`, time: `${parts['hour']}:${parts['minute']}` };
  };
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
    moment(iso) {
      const at = new Date(iso);
      const { day, time } = stamped(at);
      return `${day} ${time} ${zoneName(at)}`;
    },
    time: (iso) => stamped(new Date(iso)).time,
    span: (seconds) => spanText(seconds, language),
  };
}
