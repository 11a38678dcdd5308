// Formats figures for a reader: grouped digits, few decimals, a unit beside them.

import type { AnalysedResource } from '../../core/documents/analysis.ts';
import { durationText, roundedDurationText, spanText } from '../../core/text/duration-text.ts';
import type { Language } from './strings.ts';
import { bytesText, capacityText, percentText, quantityText, rateNumberText } from '../../core/text/quantity-text.ts';

export interface Numbers {
  rate(messagesPerSecond: number): string;
  percent(ratio: number): string;
  seconds(value: number): string;
  bytes(value: number): string;
  plain(value: number): string;
  capacity(capacity: NonNullable<AnalysedResource['capacity']>): string;
  moment(iso: string): string;
  /** `11-10 14:05`, for the axis of several days. */
  dayTime(iso: string): string;
  /** `14:05`, for a page that shows the date elsewhere. */
  time(iso: string): string;
  /** How long ago: one unit, rounded down. */
  span(seconds: number): string;
  /** How long, or how long until: at most two units. */
  until(seconds: number): string;
}

/** @param timeZone of moments; one for every reader unless chosen, so that two who compare stamps see the same */
export function createNumbers(language: Language, timeZone = 'UTC'): Numbers {
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

  return {
    rate: rateNumberText,
    percent: percentText,
    seconds: (value) => durationText(value, language),
    bytes: bytesText,
    plain: quantityText,
    capacity: ({ value, unit }) => (unit === 'ratio' ? percentText(value) : capacityText(value, unit, language)),
    moment(iso) {
      const at = new Date(iso);
      const { day, time } = stamped(at);
      return `${day} ${time} ${zoneName(at)}`;
    },
    dayTime(iso) {
      const { day, time } = stamped(new Date(iso));
      return `${day.slice('2026-'.length)} ${time}`;
    },
    time: (iso) => stamped(new Date(iso)).time,
    span: (seconds) => spanText(seconds, language),
    until: (seconds) => roundedDurationText(seconds, language),
  };
}
