// Formats figures for a reader: grouped digits, few decimals, a unit beside them.

import type { AnalysedResource } from '../../core/documents/analysis.ts';
import { durationText, roundedDurationText, spanText } from '../../core/text/duration-text.ts';
import type { Language } from './strings.ts';
import { bytesText, capacityText, percentText, quantityText, rateNumberText } from '../../core/text/quantity-text.ts';

export type Numbers = ReturnType<typeof createNumbers>;

/** @param timeZone of moments; one for every reader unless chosen, so that two who compare stamps see the same */
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
    /** `11-10 14:05`, for the axis of several days. */
    dayTime(moment: string | number): string {
      const { day, time } = stamped(new Date(moment));
      return `${day.slice('2026-'.length)} ${time}`;
    },
    /** `14:05`, for a page that shows the date elsewhere. */
    time: (moment: string | number) => stamped(new Date(moment)).time,
    /** How long ago: one unit, rounded down. */
    span: (seconds: number) => spanText(seconds, language),
    /** How long, or how long until: at most two units. */
    until: (seconds: number) => roundedDurationText(seconds, language),
  };
}
