// Defines the delivery check of a load test (lost, duplicated, reordered messages), in result.json and `--json`.

import { z } from 'zod';
import { count } from './values.ts';

/** Without a partition if only the topic is known, because a proxy chose the queues. */
const place = { topic: z.string(), partition: count.optional() };

export const placeText = ({ topic, partition }: { topic: string; partition?: number | undefined }): string =>
  partition === undefined ? topic : `${topic}-${partition}`;

const faults = {
  /** Acknowledged, but not delivered, although the group received all offsets of their partitions. */
  lost: count,
  /** Acknowledged and not read: the group did not receive as many offsets of their partitions. */
  unread: count,
  /** Part of `unread` that retention deleted before the group read it; absent if zero. */
  expired: count.optional(),
  /** Acknowledged with a delay, and still held back by a broker; absent if zero. */
  pending: count.optional(),
  /** Stored more than once: the same message at another offset. */
  duplicated: count,
  /** Redelivered from the same offset, as after a rebalance. */
  redelivered: count,
  /** Delivered at an offset at which the group had received another message: the log was truncated and rewritten. */
  rewritten: count,
  reordered: count,
  corrupted: count,
  foreign: count,
  late: count,
};

/** Counts of 0 are omitted. */
const PlaceFaults = z.strictObject({ ...place, ...z.strictObject(faults).partial().shape });

/** Faults of a message, in display order. */
export const messageFaults = [
  'lost',
  'unread',
  'pending',
  'duplicated',
  'redelivered',
  'rewritten',
  'reordered',
  'corrupted',
  'late',
] as const;

export const GroupAccount = z.strictObject({
  group: z.string(),
  /** Distinct messages of the run that the group received. */
  received: count,
  ...faults,
  /** Delivered, although neither acknowledged nor definitely rejected. */
  unknownFateButDelivered: count,
  /** Delivered, although definitely rejected. */
  refusedButDelivered: count,
  /** Delivered, although no producer recorded the message: the producer died within the second. */
  untoldButDelivered: count,
  /** Partitions with faults. */
  places: z.array(PlaceFaults),
});
export type GroupAccount = z.infer<typeof GroupAccount>;

/** Comparison of the messages in the logs, by offsets, with the messages that the delivery check expects. */
export const BrokerAgreement = z.strictObject({
  /** Partitions that were compared, and those with unknown offsets. */
  partitions: count,
  notCompared: count,
  /** Growth of the logs in offsets, messages acknowledged, and messages of unknown fate. */
  grown: count,
  acknowledged: count,
  unknownFate: count,
  agrees: z.boolean(),
  /** Restriction of the comparison, if any. */
  note: z.string().optional(),
  disagreements: z.array(
    z.strictObject({
      ...place,
      grown: count,
      /** Range that the delivery check expects. */
      least: count,
      most: count.optional(),
      reason: z.string(),
    }),
  ),
});
export type BrokerAgreement = z.infer<typeof BrokerAgreement>;

export const DeliveryAccount = z.strictObject({
  sent: count,
  acknowledged: count,
  refused: count,
  /** Neither acknowledged nor definitely rejected: timeout, lost connection, or the producer died. */
  unknownFate: count,
  groups: z.array(GroupAccount),
  /** False if more messages were out of order than memory holds: the figures are then lower bounds. */
  isExact: z.boolean(),
  /** Message numbers whose fate is no longer known; absent if exact. */
  uncertainNumbers: count.optional(),
  agreement: BrokerAgreement.optional(),
});
export type DeliveryAccount = z.infer<typeof DeliveryAccount>;
