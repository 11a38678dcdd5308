// Defines the contract of `plimsoll windows --json`; docs/schema/windows.schema.json is generated from it.

import { z } from 'zod';
import { Limit } from './analysis.ts';
import { amount, positive, positiveCount, share, time } from './values.ts';

export const windowsSchemaVersion = 1;

const spanStates = ['safe', 'cut-by-horizon', 'too-short', 'above-limit', 'frozen', 'no-forecast'] as const;
export type SpanState = (typeof spanStates)[number];

const entry = positiveCount.optional().describe('of the history; absent where it was given');

export const WindowSpan = z.strictObject({
  from: time,
  to: time,
  state: z
    .enum(spanStates)
    .describe(
      'cut-by-horizon: below the limit for as long as wanted, but `--horizon` ends before; too-short: below the limit, for less time than wanted; frozen: `changes.freezes` refuses changes',
    ),
  load: z
    .strictObject({
      tps: amount.describe('highest forecast'),
      high: amount.describe('its 90% quantile'),
      probability: share.describe('highest probability that the load exceeds the limit'),
    })
    .optional()
    .describe('messages per second; absent without a forecast'),
});
export type WindowSpan = z.infer<typeof WindowSpan>;

export const WindowsDocument = z.strictObject({
  schemaVersion: z.literal(windowsSchemaVersion),
  kind: z.literal('windows'),
  cluster: z.string().optional(),
  limit: z
    .strictObject({
      tps: amount.describe('safe maximum after the loss, in messages per second; 0: no rate is safe'),
      lost: z.enum(['broker', 'zone']).optional().describe('absent for a given rate'),
      id: z.string().optional().describe('the loss with the lowest safe maximum'),
      limitedBy: Limit.optional(),
      duringCatchUp: z
        .literal(true)
        .optional()
        .describe('the limit is that after the return, while the missing messages are copied'),
      catchUpUnknown: z
        .array(z.string())
        .optional()
        .describe('losses whose limit after the return is unknown, and may be lower'),
      assumptions: z
        .array(z.string())
        .optional()
        .describe('assumption of the safe maximum after the loss, if no placement was recorded'),
      entry,
      measuredAt: time.optional(),
    })
    .describe('safe maximum while something is down, or catches up'),
  forecast: z.strictObject({ entry, madeAt: time.optional(), endsAt: time }),
  forSeconds: positive,
  risk: share.describe('highest accepted probability of a load above the limit'),
  spans: z.array(WindowSpan).describe('consecutive, from now to the end of the forecast or of `--horizon`'),
});
export type WindowsDocument = z.infer<typeof WindowsDocument>;
