// Defines the `thresholds` of a workload file, which decide whether a run passes in CI.

import { z } from 'zod';
import { Share } from '../../../core/text/quantity.ts';
import { NoneOrShare, TimeLimit } from '../../search/criteria/limit-quantities.ts';
import { Rate } from '../profiles/profile.ts';

const most = z.number().int().nonnegative();

export const ThresholdOptions = z
  .strictObject({
    p50: TimeLimit.optional().describe('longest time from when a message is due to its acknowledgement'),
    p95: TimeLimit.optional().describe('as p50'),
    p99: TimeLimit.optional().describe('as p50'),
    p999: TimeLimit.optional().describe('as p50, 99.9th percentile'),
    endToEndP50: TimeLimit.optional().describe('longest time from when a message is due to its consumption'),
    endToEndP99: TimeLimit.optional().describe('as endToEndP50'),
    endToEndP999: TimeLimit.optional().describe('as endToEndP50'),
    errors: NoneOrShare.optional().describe('share of messages that may fail'),
    achieved: Share.optional().describe('share of the intended messages that must be acknowledged'),
    acknowledged: Rate.optional().describe('messages per second that must be acknowledged'),
    lag: most.optional().describe('highest lag of any group at the end of a step, in messages'),
    lost: most.optional().describe('messages acknowledged and not received by every group; needs the delivery check'),
    duplicated: most.optional().describe('messages received twice by a group; needs the delivery check'),
    reordered: most.optional().describe('messages received out of order; needs the delivery check'),
    corrupted: most.optional().describe('messages received with other bytes; needs the delivery check'),
    steps: z
      .enum(['every', 'last'])
      .default('every')
      .describe(
        'steps in which the thresholds for rates, latencies, errors and lag apply; in a search always the last trial that passed',
      ),
  })
  .describe('thresholds; if one is missed, the command ends with exit code 6');
export type ThresholdOptions = z.output<typeof ThresholdOptions>;

/** Thresholds that need the delivery check. */
export const deliveryThresholdNames = ['lost', 'duplicated', 'reordered', 'corrupted'] as const;
