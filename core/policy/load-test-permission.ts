// Defines the `loadTest` block of a cluster: whether, when and how much load may be sent. Without the block, no load is sent.

import { z } from 'zod';
import { Share } from '../text/quantity.ts';
import { messagesPerSecond } from '../units.ts';
import { TimeOfDay, TimeZone } from '../local-moment.ts';
import { positive } from '../documents/values.ts';

export const LoadTestWindow = z.union([
  z.literal('always', {
    error: "a window is always, or a map such as { from: '01:00', to: '05:00', timeZone: Asia/Shanghai }",
  }),
  z.strictObject({
    from: TimeOfDay,
    to: TimeOfDay.describe('end of the window; on the next day if it is earlier than `from`'),
    timeZone: TimeZone.default('UTC'),
  }),
]);
export type LoadTestWindow = z.output<typeof LoadTestWindow>;

export const LoadTestPermission = z
  .strictObject({
    window: LoadTestWindow.describe('when load tests are allowed: `always`, or from and to with a time zone'),
    maxTps: positive
      .max(100_000_000)
      .transform((value) => messagesPerSecond(value))
      .describe('maximum rate in produced messages per second, all workers together'),
    maxNicShare: Share.describe(
      'maximum utilization of the link of a broker host in either direction, including background traffic',
    ),
    topicPrefix: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[A-Za-z0-9._-]+$/, 'expected a prefix of topic names with A-Z a-z 0-9 . _ -')
      .describe('prefix of the topics and groups of load tests; no other topics or groups are used'),
    approver: z.string().min(1).max(200).describe('responsible person or team; recorded in every run bundle'),
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
  .describe('permissions of load tests on this cluster; without it, no load test runs');
export type LoadTestPermission = z.output<typeof LoadTestPermission>;

/** As stored in a run bundle, in base units. */
export const LoadTestGrant = z.strictObject({
  window: z.union([z.literal('always'), z.strictObject({ from: z.string(), to: z.string(), timeZone: z.string() })]),
  maxTps: positive,
  maxNicShare: positive,
  topicPrefix: z.string(),
  approver: z.string(),
  overload: z.enum(['allowed', 'forbidden']),
  redline: z.enum(['allowed', 'forbidden']).optional(),
});
export type LoadTestGrant = z.output<typeof LoadTestGrant>;
