// Defines the `loadTest` block of a cluster: whether, when and how much load may be sent. Without it none is sent.

import { z } from 'zod';
import { Share } from '../text/quantity.ts';
import { messagesPerSecond } from '../units.ts';
import { TimeOfDay, TimeZone } from '../local-moment.ts';

export const LoadTestWindow = z.union([
  z.literal('always', {
    error: "a window is always, or a map such as { from: '01:00', to: '05:00', timeZone: Asia/Shanghai }",
  }),
  z.strictObject({
    from: TimeOfDay,
    to: TimeOfDay.describe('the next day where it is earlier than `from`'),
    timeZone: TimeZone.default('UTC'),
  }),
]);
export type LoadTestWindow = z.output<typeof LoadTestWindow>;

export const LoadTestPermission = z
  .strictObject({
    window: LoadTestWindow.describe('when load tests are allowed: `always`, or from and to with a time zone'),
    maxTps: z
      .number()
      .positive()
      .max(100_000_000)
      .transform((value) => messagesPerSecond(value))
      .describe('most produced messages per second, all workers together'),
    maxNicShare: Share.describe("most of a broker host's link in either direction, background traffic included"),
    topicPrefix: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[A-Za-z0-9._-]+$/, 'a prefix of topic names has A-Z a-z 0-9 . _ -')
      .describe('load is sent to topics, and read by groups, that begin with it, and to no others'),
    approver: z.string().min(1).max(200).describe('who answers for it; stands in every run bundle'),
    overload: z
      .enum(['allowed', 'forbidden'])
      .default('forbidden')
      .describe('whether find-max may drive the cluster past its limits'),
    redline: z
      .enum(['allowed', 'forbidden'])
      .optional()
      .describe(
        'whether `plimsoll redline` may move leaders (RocketMQ: add queues) of live topics to one broker; forbidden without it',
      ),
  })
  .describe('what a load test may do to this cluster; without it none is run');
export type LoadTestPermission = z.output<typeof LoadTestPermission>;

/** As a run bundle keeps it, in base units. */
export const LoadTestGrant = z.strictObject({
  window: z.union([z.literal('always'), z.strictObject({ from: z.string(), to: z.string(), timeZone: z.string() })]),
  maxTps: z.number().positive(),
  maxNicShare: z.number().positive(),
  topicPrefix: z.string(),
  approver: z.string(),
  overload: z.enum(['allowed', 'forbidden']),
  redline: z.enum(['allowed', 'forbidden']).optional(),
});
export type LoadTestGrant = z.output<typeof LoadTestGrant>;
