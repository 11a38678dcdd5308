// Defines the facts of a queue change between steps.

import { z } from 'zod';
import { setAt } from '../until-copied.ts';
import { OrderChange } from '../topics/set-order.ts';
import { count, positive, time } from '../../../core/documents/values.ts';

export const QueuesFacts = z.strictObject({
  topic: z.string(),
  to: count.describe('queues on each of the brokers afterwards'),
  brokers: z.array(
    z.strictObject({
      brokerName: z.string(),
      address: z.string(),
      readQueues: count.describe('before the change'),
      writeQueues: count.describe('before the change'),
    }),
  ),
  order: OrderChange.optional(),
  quietSeconds: positive,
  settleSeconds: z.number().min(0),
  retentionHours: positive.optional(),
  ignoredGroups: z.array(z.string()),
  giveUpReplay: z.boolean(),
  hasReaders: z.boolean().describe('a group was online on the topic when the change was planned'),
  late: z
    .strictObject({
      delaySeconds: z.array(z.number()).describe('delay of each level of the brokers, in order'),
      longestTimerSeconds: z.number().optional(),
      transactionSeconds: z.number().describe('time after which a broker discards a transaction'),
    })
    .optional()
    .describe('the topic has delayed or transactional messages, which arrive in the queue chosen when they were sent'),
  readableAt: time.optional().describe('when consumers could see the new queues'),
  quietAt: time.optional().describe('time when the absence of messages to the removed queues was established'),
  wasReopened: z
    .boolean()
    .optional()
    .describe('others let producers write to the removed queues again; the messages of then may not have arrived yet'),
  setAt,
  quietAgain: z.boolean().optional().describe('no client wrote to the removed queues after they were closed again'),
});
export type QueuesFacts = z.infer<typeof QueuesFacts>;

export type QueueBroker = QueuesFacts['brokers'][number];

/** @returns seconds after which no late message can arrive */
export const longestOf = (late: NonNullable<QueuesFacts['late']>): number =>
  Math.max(...late.delaySeconds, late.longestTimerSeconds ?? 0, late.transactionSeconds);

export const grows = ({ to, brokers }: QueuesFacts) =>
  brokers.some(({ readQueues, writeQueues }) => readQueues < to || writeQueues < to);
export const shrinks = ({ to, brokers }: QueuesFacts) =>
  brokers.some(({ readQueues, writeQueues }) => readQueues > to || writeQueues > to);

/** Queues of a broker to remove. */
export const leavingQueues = (
  { topic, to }: Pick<QueuesFacts, 'topic' | 'to'>,
  { readQueues, writeQueues }: Pick<QueueBroker, 'readQueues' | 'writeQueues'>,
) =>
  Array.from({ length: Math.max(0, Math.max(readQueues, writeQueues) - to) }, (_, index) => ({
    topic,
    queueId: to + index,
  }));
