// Defines the section `changes`: freezes, and whether changes need approval by a second person.

import { z } from 'zod';
import { isOnCalendar, TimeOfDay, TimeZone } from '../../core/local-moment.ts';
import { Duration } from '../../core/text/quantity.ts';
import { seconds } from '../../core/clock.ts';
import { ApprovalConfig } from './approval-config.ts';

const Name = z.string().min(1).max(249);

const localTime = /^\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):[0-5]\d$/;
const LocalTime = z
  .string()
  .regex(localTime, 'expected date and time such as 2026-11-10T00:00; the time zone is in timeZone')
  .refine((text) => !localTime.test(text) || isOnCalendar(text), 'no such day');

const common = {
  reason: z.string().min(1).max(200).describe('reason, printed with each refusal'),
  clusters: z.array(Name).min(1).optional().describe('names under `clusters`; absent: all'),
};

export const Freeze = z
  .strictObject({
    ...common,
    from: LocalTime.optional().describe('with `to`: local date and time, such as 2026-11-10T00:00'),
    to: LocalTime.optional().describe('local date and time; the first minute after the freeze'),
    daily: z
      .strictObject({
        from: TimeOfDay,
        to: TimeOfDay.describe('the first minute after the freeze; on the next day if not later than `from`'),
      })
      .optional()
      .describe('every day between two times of day, instead of `from` and `to`'),
    timeZone: TimeZone.default('UTC'),
  })
  .superRefine(({ from, to, daily }, { addIssue }) => {
    const complain = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message });
    if (daily !== undefined && (from !== undefined || to !== undefined)) {
      complain('daily', 'a freeze has either daily, or from and to');
    } else if (daily === undefined && from === undefined) {
      complain('from', 'a freeze needs from and to, daily, or promotion');
    } else if (daily === undefined && to === undefined) complain('to', 'a freeze that has from needs to');
    else if (from !== undefined && to !== undefined && from >= to)
      complain('to', 'the end of a freeze must be after its start');
  });
export type Freeze = z.output<typeof Freeze>;

/** Its times are those of the promotion under `service.promotions`, so they are written only once. */
export const PromotionFreeze = z.strictObject({
  ...common,
  promotion: z.string().min(1).max(60).describe("name under `service.promotions`, or '*' for all of them"),
  before: Duration.default(seconds(0)).describe('start of the freeze before the promotion, such as 2d'),
  after: Duration.default(seconds(0)).describe('end of the freeze after the promotion'),
});
export type PromotionFreeze = z.output<typeof PromotionFreeze>;

export const ChangesConfig = z
  .strictObject({
    freezes: z
      .array(z.union([PromotionFreeze, Freeze]))
      .default([])
      .describe('times when --execute and --resume are refused'),
    approval: ApprovalConfig.optional(),
  })
  .default({ freezes: [] })
  .describe('rules for changes of clusters');
export type ChangesConfig = z.output<typeof ChangesConfig>;
