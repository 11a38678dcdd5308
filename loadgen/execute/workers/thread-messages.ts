// Defines the messages between coordinator and workers: plain data, parsed the same from a thread or another machine.

import { z } from 'zod';
import { brokerKinds } from '../../../core/cluster.ts';
import { JournalLine } from '../../../core/documents/run-bundle.ts';
import { type FaultCode, faults } from '../../../core/errors.ts';
import { messagesPerSecond } from '../../../core/units.ts';
import { seconds } from '../../../core/clock.ts';
import { MessageSpec } from '../../plan/messages/message-spec.ts';
import { SendingOptions } from '../../plan/workload.ts';
import { count, ofKind } from '../../../core/documents/values.ts';

const numbers = z.array(z.number()).readonly();
const text = z.string();
const Seconds = z.number().transform(seconds);
const Rate = z.number().transform(messagesPerSecond);

const access = {
  cluster: text,
  broker: z.enum(brokerKinds),
  /** One entry of `clusters` as written in the config file; secrets are references. */
  config: z.unknown(),
};

/** Fields of both roles. */
const shared = {
  topics: z.array(text).readonly(),
  /** Partitions of each topic. */
  partitions: count,
  slotCount: count,
  sending: SendingOptions,
};

const ProducerAssignment = z.strictObject({
  ...access,
  ...shared,
  role: z.literal('producer'),
  /**
   * Number of this worker, which also selects the partition of its first batch, so that workers start with different
   * ones.
   */
  worker: count,
  workers: count,
  /** This worker sends the messages of these slots, in the order of their numbers. */
  slots: numbers,
  /** Attempt of the run, counted from 1. */
  attempt: count,
  /** Unique per producer, and unchanged after a restart. */
  transactionalId: text,
  messages: MessageSpec,
  mark: z.number(),
  /** Limit of unanswered produce requests of this worker; of messages if each is a separate request. */
  mostUnanswered: z.number(),
  /** Messages per second that all workers together may send; absent: no limit. */
  maxTps: z.number().exactOptional(),
  /** Maximum batch size of brokers; absent if unknown. */
  mostMessageBytes: z.number().exactOptional(),
  /** Wait for responses after all planned messages were sent. */
  answerSeconds: z.number(),
});
export type ProducerAssignment = z.infer<typeof ProducerAssignment>;

const ConsumerAssignment = z.strictObject({
  ...access,
  ...shared,
  role: z.literal('consumer'),
  worker: text,
  group: text,
  /** Members in every topic; each is a separate client. */
  members: count,
  /** Marks of this attempt first, then of earlier attempts, whose messages may still be in the topic. */
  marks: z.array(z.strictObject({ attempt: count, mark: z.number() })).readonly(),
  /** Slots of each producer at the start. */
  senders: z.array(numbers).readonly(),
  consumer: z.strictObject({
    from: z.enum(['start', 'end']).exactOptional(),
    commits: z.enum(['each-second', 'each-batch', 'never']).exactOptional(),
    mode: z.enum(['push', 'pull']).exactOptional(),
    readCommitted: z.boolean().exactOptional(),
    withKeys: z.boolean().exactOptional(),
  }),
  /** For a resumed run, place and offset from which to read messages that earlier attempts did not record. */
  recordedTo: z.array(z.tuple([count, count]).readonly()).readonly(),
  /** Processing time per message, before the next batch of that partition is fetched. */
  processingSeconds: z.number(),
  /** A message consumed this long after it was due counts as late. */
  lateAfterSeconds: z.number(),
});
export type ConsumerAssignment = z.infer<typeof ConsumerAssignment>;

/** Complete input of a worker, which opens its own connections. */
export const Assignment = z.discriminatedUnion('role', [ProducerAssignment, ConsumerAssignment]);
export type Assignment = z.infer<typeof Assignment>;

const Segment = z.discriminatedUnion('kind', [
  ofKind('rate', { from: Rate, to: Rate, duration: Seconds }),
  ofKind('lanes', { lanes: count, duration: Seconds }),
]);

export const ToThread = z.discriminatedUnion('kind', [
  ofKind('start', {
    origin: z.strictObject({ nanoseconds: z.bigint(), epochMicroseconds: z.number(), fromSeconds: z.number() }),
  }),
  /** Extends the schedule; identical for every worker. */
  ofKind('extend', {
    /** Where the first segment starts, in seconds of the run, and the number of its first message. */
    extension: z.strictObject({ segments: z.array(Segment).readonly(), atSeconds: z.number(), fromNumber: z.number() }),
  }),
  /** Drops messages that are due after this moment. */
  ofKind('cut', { atSeconds: z.number() }),
  /**
   * A producer takes over the messages of these slots, from this number on. `fences`: transactional id of the lost
   * producer, whose open transaction it ends.
   */
  ofKind('adopt', { slots: numbers, fromNumber: z.number(), fences: text.exactOptional() }),
  /** A stopped consumer leaves its group and joins it again when it continues. */
  ofKind('consume', { group: text, paused: z.boolean() }),
  /** How far this machine's clock is ahead of the clock that stamps messages. */
  ofKind('clock-offset', { offsetSeconds: z.number() }),
  /** A producer stops sending and waits for responses; a consumer leaves its group. */
  ofKind('stop', {}),
]);
export type ToThread = z.infer<typeof ToThread>;

/** Maps an unknown code from another version to run-failed. */
export const FaultCodeContract = text.transform((name): FaultCode =>
  Object.hasOwn(faults, name) ? (name as FaultCode) : 'run-failed',
);

const message = z.string().max(10_000);

export const FromThread = z.discriminatedUnion('kind', [
  ofKind('ready', {}),
  ofKind('lines', { lines: z.array(JournalLine) }),
  ofKind('fault', { code: FaultCodeContract, message, hint: message }),
  /** All messages due until then were answered or given up. */
  ofKind('driven', { untilSeconds: z.number() }),
  ofKind('done', {}),
]);
export type FromThread = z.infer<typeof FromThread>;
