// Defines the used part of the webhook message of Alertmanager (version 4).

import { z } from 'zod';

const Labels = z.record(z.string(), z.string());

export const AlertMessage = z.object({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  /** Number of alerts omitted by Alertmanager (max_alerts). */
  truncatedAlerts: z.number().int().nonnegative().default(0),
  /** Key of the alert group of the message. */
  groupKey: z.string().min(1).max(10_000).optional(),
  commonLabels: Labels,
  alerts: z
    .array(
      z.object({
        status: z.enum(['firing', 'resolved']),
        labels: Labels,
        annotations: Labels,
        startsAt: z.iso.datetime({ offset: true }),
        /** For a firing alert: when it would end without another evaluation, or the year 1. */
        endsAt: z.iso.datetime({ offset: true }).optional(),
      }),
    )
    .min(1),
});
export type AlertMessage = z.output<typeof AlertMessage>;
export type SentAlert = AlertMessage['alerts'][number];
