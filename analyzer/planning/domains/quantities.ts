// Parses uncertain figures: one number, or low, mid and high.

import { z } from 'zod';
import type { Estimate } from '../../../core/documents/cluster-plan.ts';
import { Size } from '../../../core/text/quantity.ts';

/**
 * A single figure is an estimate too: it becomes the middle of an interval with this relative width on both sides. Netflix's planner
 * requires low, mid and high of every input (service-capacity-modeling, Interval); 20% is Plimsoll's interpretation of
 * "about".
 */
export const statedSpread = 0.2;

export interface StatedEstimate extends Estimate {
  /** Only one figure was given, and the interval is the default. */
  widened: boolean;
}

function estimateOf<Schema extends z.ZodType<number>>(figure: Schema, what: string) {
  return z
    .union([figure, z.strictObject({ low: figure, mid: figure, high: figure })])
    .transform((written, context): StatedEstimate => {
      if (typeof written === 'number' && written > 0) {
        const { low, high } = { low: written * (1 - statedSpread), high: written * (1 + statedSpread) };
        return { low, mid: written, high, widened: true };
      }
      if (typeof written !== 'number') {
        const { low, mid, high } = written as Estimate;
        if (0 < low && low <= mid && mid <= high) return { low, mid, high, widened: false };
      }
      context.addIssue({ code: 'custom', message: 'low, mid and high are above 0 and in this order' });
      return z.NEVER;
    })
    .meta({ description: `${what}: one figure, or low, mid and high of an 80% interval` });
}

const Rate = z.number().positive().max(1e12);
export const TpsEstimate = estimateOf(Rate, 'messages a second');
export const RatioEstimate = estimateOf(z.number().positive().max(1000), 'a ratio, such as 1.3');
export const SizeEstimate = estimateOf(Size, 'a size, such as 500B');

export const GroupCount = z.number().int().nonnegative().max(1000);
export const CompressionRatio = z.number().min(1).max(100);

/** Number of consumers per message, and other properties that determine its bytes. */
export const consumerGroups = GroupCount.default(1).describe('consumer groups, each of which reads every message');
export const messageShape = {
  compressionRatio: CompressionRatio.optional().describe('uncompressed / compressed bytes'),
  messagesPerRequest: z.number().min(1).max(100_000).optional(),
  keyBytes: Size.optional(),
};
