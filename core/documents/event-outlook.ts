// Defines when an event reaches a limit, how likely that is, and which prepared actions help.

import { z } from 'zod';
import { actionKinds } from '../prepared-action.ts';
import { amount, ofKind, positive, share } from './values.ts';

const tps = amount;

export const LimitOutlook = z.discriminatedUnion('kind', [
  ofKind('outlook', {
    nowTps: tps.optional(),
    safeTps: tps.describe('lower end of the safe maximum'),
    isOver: z.boolean().describe('the load now is above it'),
    isMaximum: z.boolean().describe('false where it is the highest proven rate, and the limit is unknown'),
    scaledBy: positive.optional().describe('current load divided by its forecast; the whole forecast is scaled by it'),
    minutes: z
      .strictObject({
        unlikely: amount.optional().describe('time until the limit is reached with a probability of 10%'),
        even: amount.optional().describe('with 50%'),
        likely: amount.optional().describe('with 90%'),
      })
      .describe('absent: not within the horizon'),
    chances: z
      .array(z.strictObject({ withinMinutes: positive, probability: share }))
      .describe('probability that the limit is reached within so many minutes'),
    horizonMinutes: positive,
  }),
  ofKind('unknown', { missing: z.enum(['safe-maximum', 'forecast']) }),
]);
export type LimitOutlook = z.infer<typeof LimitOutlook>;

export const noGainReasons = [
  'load-below-limit',
  'no-safe-maximum',
  'no-forecast',
  'no-topic-rates',
  'no-quota-in-broker',
  'evenly-spread',
  'copies-cost-the-same',
  'no-broker-rates',
  'one-broker',
  'no-retention-limit',
  'disk-space-suffices',
  'no-client-ids',
  'no-message-size',
  'rest-above-limit',
  'cut-too-deep',
  'not-read-yet',
] as const;

export const PreparedAction = z.discriminatedUnion('kind', [
  ofKind('ready', {
    lever: z.enum(actionKinds),
    gain: z
      .strictObject({ low: tps, high: tps })
      .describe('messages/s: reduction of load for a quota, additional capacity for the others'),
    targets: z
      .array(z.strictObject({ name: z.string(), nowTps: tps, toTps: tps.optional() }))
      .describe('topics or brokers concerned, largest first'),
    commands: z.array(z.string()),
    evidence: z.string().describe('data that the gain was computed from'),
    evidenceZh: z.string().describe('evidence in Chinese'),
  }),
  ofKind('no-gain', { lever: z.enum(actionKinds), reason: z.enum(noGainReasons) }),
]);
export type PreparedAction = z.infer<typeof PreparedAction>;
