// Defines promotions, written once in the config for the service, alerts, forecasts, reports and reviews.

import { z } from 'zod';
import type { Promotion as CalendarPromotion } from '../../analyzer/forecast/promotions.ts';
import { isOnCalendar, isTimeZone, momentOf, wallClock } from '../../core/local-moment.ts';
import { Duration } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';

const localTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/;
export const LocalTime = z
  .string()
  .regex(localTime, 'write a local time such as 2026-11-10T20:00; its zone is in `timezone`')
  .refine((text) => !localTime.test(text) || isOnCalendar(text), 'no such day');

export const TimeZone = z.string().refine(isTimeZone, 'write a time zone such as Asia/Shanghai').default('UTC');

const when = {
  name: z.string().min(1).max(60),
  from: LocalTime.describe('local time, such as 2026-11-10T20:00'),
  to: LocalTime.describe('local time, exclusive'),
  timezone: TimeZone,
};
const endsAfterItBegins = { message: 'a promotion ends after it begins', path: ['to'] };

/** Promotion set by an operator. */
export const SetPromotion = z.strictObject(when).refine(({ from, to }) => from < to, endsAfterItBegins);

export const Promotion = z
  .strictObject({
    ...when,
    lead: Duration.optional().describe(
      'time before the promotion in which the load already differs; used by forecasts',
    ),
    tail: Duration.optional().describe('time after the promotion in which the load still differs; used by forecasts'),
  })
  .refine(({ from, to }) => from < to, endsAfterItBegins);
export type Promotion = z.output<typeof Promotion>;

/** @returns milliseconds since the epoch; for a skipped local time, the moment after the gap */
export function spanOfLocal({ from, to, timezone }: Pick<Promotion, 'from' | 'to' | 'timezone'>) {
  const moment = (local: string) => momentOf(Date.parse(`${local}Z`), timezone);
  return { fromMs: moment(from), toMs: moment(to) };
}

const day = 86_400_000;
const dayOf = (local: string) => local.slice(0, 10);
/** `to` is exclusive. */
const lastDayOf = ({ to }: Pick<Promotion, 'to'>) => new Date(Date.parse(`${to}Z`) - 1).toISOString().slice(0, 10);

/** First and last day, inclusive, in the promotion's time zone. */
export const daysOf = (promotion: Promotion): { from: string; to: string } => ({
  from: dayOf(promotion.from),
  to: lastDayOf(promotion),
});

/** Form used by forecasts: the whole days, in their time zone, that the promotion touches. */
export function asCalendar(promotion: Promotion, zone: string): CalendarPromotion {
  const { name, lead, tail } = promotion;
  const { fromMs, toMs } = spanOfLocal(promotion);
  const [first, last] = [dayIn(zone, fromMs), dayIn(zone, toMs - 1)];
  return {
    name,
    on: new Date(first * day).toISOString().slice(0, 10),
    days: Math.max(1, last - first + 1),
    lead: lead ?? seconds(0),
    tail: tail ?? seconds(0),
  };
}

/** Days since 1970. */
const dayIn = (zone: string, timeMs: number) => Math.floor(wallClock(timeMs, zone) / day);

/** @returns among several with the name, the first that has not ended on the day, else the last one */
export function promotionNamed(promotions: readonly Promotion[], name: string, today: string): Promotion | undefined {
  const own = promotions.filter((each) => each.name === name).toSorted((a, b) => (a.from < b.from ? -1 : 1));
  return own.find((each) => lastDayOf(each) >= today) ?? own.at(-1);
}
