// Defines the delivery check of a load test (lost, duplicated, reordered messages), in result.json and `--json`.

import { z } from 'zod';
import { count } from './values.ts';

/** Without a partition: messages of which only the topic is known, since a proxy chose their queues. */
const place = { topic: z.string(), partition: count.optional() };

export const placeText = ({ topic, partition }: { topic: string; partition?: number | undefined }): string =>
  partition === undefined ? topic : `${topic}-${partition}`;

/** Counts of 0 are left out. */
const PlaceFaults = z.strictObject({
  ...place,
  lost: count.optional(),
  unread: count.optional(),
  expired: count.optional(),
  pending: count.optional(),
  duplicated: count.optional(),
  redelivered: count.optional(),
  rewritten: count.optional(),
  reordered: count.optional(),
  corrupted: count.optional(),
  foreign: count.optional(),
  late: count.optional(),
});

/** What can be wrong with a message of the run, in the order people read it. */
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
  /** Messages of the run the group was given, each once. */
  received: count,
  /** Acknowledged, but not delivered to the group although it was given all offsets of their partitions. */
  lost: count,
  /** Acknowledged, and not read: as many offsets of their partitions were not given to the group. */
  unread: count,
  /** Of `unread`: deleted by retention before the group read them; absent when there are none. */
  expired: count.optional(),
  /** Acknowledged with a delay, not in their log yet, and kept back by a broker still; absent when there are none. */
  pending: count.optional(),
  /** Stored more than once: the same message at another offset. */
  duplicated: count,
  /** Redelivered from the same offset, as after a rebalance. */
  redelivered: count,
  /** Delivered at an offset at which the group received another message before: the log was truncated and rewritten. */
  rewritten: count,
  reordered: count,
  corrupted: count,
  foreign: count,
  late: count,
  /** Never acknowledged nor refused for certain, and there. */
  unknownFateButDelivered: count,
  /** Refused for certain, and there all the same. */
  refusedButDelivered: count,
  /** Stored, although no producer recorded it: the producer died within the second. */
  untoldButDelivered: count,
  /** Partitions where something was wrong. */
  places: z.array(PlaceFaults),
});
export type GroupAccount = z.infer<typeof GroupAccount>;

/** Messages in partitions by their offsets, compared with what the delivery check expects. */
export const BrokerAgreement = z.strictObject({
  /** Partitions compared, and those of which no offsets are known. */
  partitions: count,
  notCompared: count,
  /** Offsets the logs grew by, messages acknowledged, and those of unknown fate. */
  grown: count,
  acknowledged: count,
  unknownFate: count,
  agrees: z.boolean(),
  /** How it was compared, where that leaves something open. */
  note: z.string().optional(),
  disagreements: z.array(
    z.strictObject({
      ...place,
      grown: count,
      /** What the ledger allows for. */
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
  /** Neither acknowledged nor refused for certain: no answer in time, connection lost, or the producer died. */
  unknownFate: count,
  groups: z.array(GroupAccount),
  /** False when more was out of order than is kept in memory: the figures are then lower bounds. */
  isExact: z.boolean(),
  /** Numbers of which it is not known any more what became of them; absent when exact. */
  uncertainNumbers: count.optional(),
  agreement: BrokerAgreement.optional(),
});
export type DeliveryAccount = z.infer<typeof DeliveryAccount>;
