// Parses assignments and messages to a worker, from a thread or another machine alike.

import { z } from 'zod';
import { compressions } from '../../../brokers/driver.ts';
import { brokerKinds } from '../../../core/cluster.ts';
import { JournalLine } from '../../../core/documents/run-bundle.ts';
import { faults, type FaultCode } from '../../../core/errors.ts';
import { messagesPerSecond, ratio, seconds } from '../../../core/units.ts';
import type { Assignment, FromThread, ToThread } from './thread-messages.ts';

const count = z.number().int().nonnegative();
const numbers = z.array(z.number());
const text = z.string();
const weight = z.number();
const Seconds = z.number().transform(seconds);
const Rate = z.number().transform(messagesPerSecond);

const access = { cluster: text, broker: z.enum(brokerKinds), config: z.unknown() };

/** Of both roles. */
const shared = { topics: z.array(text), partitions: count, slotCount: count, ledger: z.boolean() };

const SizeSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('fixed'), bytes: count }),
  z.strictObject({ kind: z.literal('weighted'), sizes: z.array(z.strictObject({ bytes: count, weight })) }),
  z.strictObject({ kind: z.literal('bands'), bands: z.array(z.strictObject({ from: count, to: count, weight })) }),
]);

const KeySpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.enum(['round-robin', 'uniform']), distinct: count, bytes: count }),
  z.strictObject({ kind: z.literal('zipf'), distinct: count, exponent: z.number(), bytes: count }),
  z.strictObject({
    kind: z.literal('bands'),
    bands: z.array(z.strictObject({ keys: count, weight })),
    bytes: count,
  }),
]);

const MessageSpec = z.strictObject({
  seed: z.number(),
  sizes: SizeSpec,
  keys: KeySpec,
  filler: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('random') }),
    z.strictObject({ kind: z.literal('mixed'), randomShare: z.number() }),
  ]),
  mix: z
    .strictObject({
      topics: z.array(z.strictObject({ sizes: SizeSpec, keys: KeySpec })),
      phases: z.array(z.strictObject({ from: count, messages: count, shares: z.array(z.number().nonnegative()) })),
    })
    .exactOptional(),
});

const ProducerAssignment = z.strictObject({
  ...access,
  ...shared,
  role: z.literal('producer'),
  worker: count,
  workers: count,
  slots: numbers,
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
  mostUnanswered: z.number(),
  maxTps: z.number().exactOptional(),
  mostMessageBytes: z.number().exactOptional(),
  answerSeconds: z.number(),
  tag: text.exactOptional(),
  delay: z.union([z.strictObject({ level: count }), z.strictObject({ afterSeconds: z.number() })]).exactOptional(),
});

const ConsumerAssignment = z.strictObject({
  ...access,
  ...shared,
  role: z.literal('consumer'),
  worker: text,
  group: text,
  members: count,
  marks: z.array(z.strictObject({ attempt: count, mark: z.number() })),
  senders: z.array(numbers),
  consumer: z.strictObject({
    from: z.enum(['start', 'end']).exactOptional(),
    commits: z.enum(['each-second', 'each-batch', 'never']).exactOptional(),
    mode: z.enum(['push', 'pull']).exactOptional(),
    readCommitted: z.boolean().exactOptional(),
    withKeys: z.boolean().exactOptional(),
  }),
  recordedTo: z.array(z.tuple([count, count])),
  processingSeconds: z.number(),
  lateAfterSeconds: z.number(),
  outageSeconds: z.number().exactOptional(),
});

export const AssignmentContract: z.ZodType<Assignment> = z.discriminatedUnion('role', [
  ProducerAssignment,
  ConsumerAssignment,
]);

const Segment = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('rate'), from: Rate, to: Rate, duration: Seconds }),
  z.strictObject({ kind: z.literal('lanes'), lanes: count, duration: Seconds }),
]);

export const ToThreadContract: z.ZodType<ToThread> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('start'),
    origin: z.strictObject({ nanoseconds: z.bigint(), epochMicroseconds: z.number(), fromSeconds: z.number() }),
  }),
  z.strictObject({
    kind: z.literal('extend'),
    extension: z.strictObject({ segments: z.array(Segment), atSeconds: z.number(), fromNumber: z.number() }),
  }),
  z.strictObject({ kind: z.literal('cut'), atSeconds: z.number() }),
  z.strictObject({ kind: z.literal('adopt'), slots: numbers, fromNumber: z.number() }),
  z.strictObject({ kind: z.literal('consume'), group: text, paused: z.boolean() }),
  z.strictObject({ kind: z.literal('clock-offset'), offsetSeconds: z.number() }),
  z.strictObject({ kind: z.literal('stop') }),
]);

/** A code of another version is a failed run. */
export const FaultCodeContract = text.transform((name): FaultCode =>
  Object.hasOwn(faults, name) ? (name as FaultCode) : 'run-failed',
);

const message = z.string().max(10_000);

export const FromThreadContract: z.ZodType<FromThread> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('lines'), lines: z.array(JournalLine) }),
  z.strictObject({ kind: z.literal('fault'), code: FaultCodeContract, message, hint: message }),
  z.strictObject({ kind: z.literal('driven'), untilSeconds: z.number() }),
  z.strictObject({ kind: z.literal('done') }),
]);
