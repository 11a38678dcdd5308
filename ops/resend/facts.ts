// Defines the facts of a resend in the journal: the chosen messages, their targets, and the end offsets of the targets before.

import { z } from 'zod';
import { brokerKinds } from '../../core/cluster.ts';
import type { ChosenMessage } from './plan-resend.ts';
import type { ResendAim } from './target.ts';

/** Text, because offsets exceed 2^53. */
const Offset = z.string().regex(/^\d{1,19}$/);
const Place = { partition: z.number().int().min(0), brokerName: z.string().optional() };

export const ResendFacts = z.strictObject({
  id: z.string(),
  broker: z.enum(brokerKinds),
  topic: z.string().describe('the dead-letter topic'),
  to: z.string().optional().describe('absent: as each message says'),
  toOrigin: z.boolean(),
  deadLetterTopics: z.record(z.string(), z.string()),
  targets: z.array(z.string()).min(1),
  perSecond: z.number().positive().describe('maximum messages per second'),
  messages: z.array(z.strictObject({ ...Place, offsets: z.array(Offset).min(1) })).min(1),
  sent: z.string().describe('file with a line before and after each message that is sent'),
  ends: z
    .array(z.strictObject({ topic: z.string(), ...Place, end: Offset }))
    .optional()
    .describe('ends of the targets before the first message; absent until they are read'),
});
export type ResendFacts = z.infer<typeof ResendFacts>;

export function resendFacts(
  aim: ResendAim,
  chosen: readonly ChosenMessage[],
  of: Pick<ResendFacts, 'id' | 'sent' | 'perSecond'>,
): ResendFacts {
  const groups = Map.groupBy(chosen, ({ brokerName = '', partition }) => `${brokerName}:${partition}`);
  const { broker, topic, to, toOrigin, deadLetterTopics } = aim;
  return {
    ...of,
    broker,
    topic,
    toOrigin,
    deadLetterTopics: { ...deadLetterTopics },
    ...(to !== undefined && { to }),
    targets: [...new Set(chosen.map(({ target }) => target))].sort(),
    messages: [...groups.values()].flatMap((messages) => {
      const [first] = messages;
      if (first === undefined) return [];
      const { partition, brokerName } = first;
      const offsets = messages.map(({ offset }) => offset).toSorted((a, b) => (a < b ? -1 : 1));
      return [{ partition, ...(brokerName !== undefined && { brokerName }), offsets: offsets.map(String) }];
    }),
  };
}

export const countOf = ({ messages }: Pick<ResendFacts, 'messages'>): number =>
  messages.reduce((sum, { offsets }) => sum + offsets.length, 0);
