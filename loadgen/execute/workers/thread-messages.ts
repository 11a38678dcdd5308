// Defines the messages between coordinator and workers: plain data, parsed alike from a thread and another machine.

import { z } from 'zod';
import { compressions } from '../../../brokers/driver.ts';
import { brokerKinds } from '../../../core/cluster.ts';
import { JournalLine } from '../../../core/documents/run-bundle.ts';
import { faults, type FaultCode } from '../../../core/errors.ts';
import { messagesPerSecond, ratio, seconds } from '../../../core/units.ts';
import { MessageSpec } from '../../plan/messages/message-spec.ts';
import { count } from '../../../core/documents/values.ts';

const numbers = z.array(z.number()).readonly();
const text = z.string();
const Seconds = z.number().transform(seconds);
const Rate = z.number().transform(messagesPerSecond);

const access = {
  cluster: text,
  broker: z.enum(brokerKinds),
  /** One entry of `clusters` as it is written in the config file, secrets by reference. */
  config: z.unknown(),
};

/** Of both roles. */
const shared = {
  topics: z.array(text).readonly(),
  /** Of each topic. */
  partitions: count,
  slotCount: count,
  /** Every message carries its checksum. */
  ledger: z.boolean(),
};

const ProducerAssignment = z.strictObject({
  ...access,
  ...shared,
  role: z.literal('producer'),
  /** Worker whose number selects the partition of the first batch, so that not all begin with the same one. */
  worker: count,
  workers: count,
  /** This worker sends the messages of these slots, in the order of their numbers. */
  slots: numbers,
  /** Of the run, counted from 1. */
  attempt: count,
  producer: z.strictObject({
    acks: z.enum(['all', 'leader', 'none']),
    compression: z.enum(compressions).exactOptional(),
    idempotent: z.boolean().exactOptional(),
    transactions: z
      .strictObject({ id: text, duration: Seconds, leftToCheck: z.number().transform(ratio).exactOptional() })
      .exactOptional(),
    requests: z.enum(['single', 'batch']).exactOptional(),
    ordered: z.boolean().exactOptional(),
  }),
  messages: MessageSpec,
  mark: z.number(),
  lingerSeconds: z.number(),
  /** Produce requests this worker may have unanswered; messages, where each is its own request. */
  mostUnanswered: z.number(),
  /** Messages per second that all workers together may send; absent: as many as are due. */
  maxTps: z.number().exactOptional(),
  /** What brokers accept in one batch; absent where it is unknown. */
  mostMessageBytes: z.number().exactOptional(),
  /** How long answers are waited for once all that is planned was sent. */
  answerSeconds: z.number(),
  tag: text.exactOptional(),
  /** RocketMQ: a level of the broker, or seconds from sending on. */
  delay: z.union([z.strictObject({ level: count }), z.strictObject({ afterSeconds: z.number() })]).exactOptional(),
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
  /** Of this attempt first, then of those before, whose messages may still be in the topic. */
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
  /** Of a resumed run, place and offset: what the attempts before have not recorded is read from there. */
  recordedTo: z.array(z.tuple([count, count]).readonly()).readonly(),
  /** What its work on one message takes, before the next batch of that partition is taken. */
  processingSeconds: z.number(),
  /** Consumed so long after it was due, a message is counted as late. */
  lateAfterSeconds: z.number(),
  /** So long after the start, brokers may be away before the group counts as failed; absent: as long as its client bears. */
  outageSeconds: z.number().exactOptional(),
});
export type ConsumerAssignment = z.infer<typeof ConsumerAssignment>;

/** Everything a worker needs: it opens its own connections. */
export const Assignment = z.discriminatedUnion('role', [ProducerAssignment, ConsumerAssignment]);
export type Assignment = z.infer<typeof Assignment>;

const Segment = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rate'), from: Rate, to: Rate, duration: Seconds }),
  z.strictObject({ kind: z.literal('lanes'), lanes: count, duration: Seconds }),
]);

export const ToThread = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('start'),
    origin: z.strictObject({ nanoseconds: z.bigint(), epochMicroseconds: z.number(), fromSeconds: z.number() }),
  }),
  /** More of the schedule; the same to every worker. */
  z.strictObject({
    kind: z.literal('extend'),
    extension: z.strictObject({ segments: z.array(Segment).readonly(), atSeconds: z.number(), fromNumber: z.number() }),
  }),
  /** Nothing planned is due after this moment. */
  z.strictObject({ kind: z.literal('cut'), atSeconds: z.number() }),
  /** A producer takes over the messages of these slots, from this number on. */
  z.strictObject({ kind: z.literal('adopt'), slots: numbers, fromNumber: z.number() }),
  /** A stopped consumer leaves its group and joins it again when it continues. */
  z.strictObject({ kind: z.literal('consume'), group: text, paused: z.boolean() }),
  /** How far the clock of this machine is ahead of the one that times messages. */
  z.strictObject({ kind: z.literal('clock-offset'), offsetSeconds: z.number() }),
  /** A producer sends nothing more and waits for answers; a consumer leaves its group. */
  z.strictObject({ kind: z.literal('stop') }),
]);
export type ToThread = z.infer<typeof ToThread>;

/** A code of another version is a failed run. */
export const FaultCodeContract = text.transform((name): FaultCode =>
  Object.hasOwn(faults, name) ? (name as FaultCode) : 'run-failed',
);

const message = z.string().max(10_000);

export const FromThread = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('lines'), lines: z.array(JournalLine) }),
  z.strictObject({ kind: z.literal('fault'), code: FaultCodeContract, message, hint: message }),
  /** Everything due until then was answered or given up. */
  z.strictObject({ kind: z.literal('driven'), untilSeconds: z.number() }),
  z.strictObject({ kind: z.literal('done') }),
]);
export type FromThread = z.infer<typeof FromThread>;
