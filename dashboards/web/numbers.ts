// Formats figures for a reader: grouped digits, few decimals, and a unit.

import type { AnalysedResource } from '../../core/documents/analysis.ts';
import { durationText, roundedDurationText, spanText } from '../../core/text/duration-text.ts';
import type { Language } from './view.ts';
import { bytesText, capacityText, percentText, quantityText, rateNumberText } from '../../core/text/quantity-text.ts';

export type Numbers = ReturnType<typeof createNumbers>;

/** @param timeZone for times; the same for all readers by default, so that they see the same times */
export function createNumbers(language: Language, timeZone = 'UTC') {
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
    signedPercent: (ratio: number) => `${ratio > 0 ? '+' : ''}${percentText(ratio)}`,
    seconds: (value: number) => durationText(value, language),
    bytes: bytesText,
    plain: quantityText,
    capacity: ({ value, unit }: NonNullable<AnalysedResource['capacity']>) =>
      unit === 'ratio' ? percentText(value) : capacityText(value, unit, language),
    /** @param moment ISO 8601, or milliseconds since the epoch */
    moment(moment: string | number): string {
      const at = new Date(moment);
      const { day, time } = stamped(at);
      return `${day} ${time} ${zoneName(at)}`;
    },
    /** `11-10 14:05`, for an axis over several days. */
    dayTime(moment: string | number): string {
      const { day, time } = stamped(new Date(moment));
      return `${day.slice('2026-'.length)} ${time}`;
    },
    /** `14:05`, for a page that shows the date elsewhere. */
    time: (moment: string | number) => stamped(new Date(moment)).time,
    /** Formats an age in one unit, rounded down. */
    span: (seconds: number) => spanText(seconds, language),
    /** Formats a duration or remaining time in at most two units. */
    until: (seconds: number) => roundedDurationText(seconds, language),
  };
}
