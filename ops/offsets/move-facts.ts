// Defines the facts of an offset move in the journal: the target offsets, and the backup of the former ones.

import { z } from 'zod';
import type { Moment, OffsetTarget } from '../../brokers/group-offsets.ts';
import { brokerKinds } from '../../core/cluster.ts';
import { defined } from '../../core/defined.ts';
import { targetsOf, type TopicMove } from './carry-out.ts';
import type { MovePlan } from './plan-move.ts';

/** Text, because offsets exceed 2^53. */
const Target = z.strictObject({
  partition: z.number().int().min(0),
  brokerName: z.string().optional(),
  offset: z.string().regex(/^\d{1,19}$/),
});

export const MoveFacts = z.strictObject({
  group: z.string(),
  broker: z.enum(brokerKinds),
  topics: z.array(
    z.strictObject({
      topic: z.string(),
      isWhole: z.boolean().describe('all partitions of the topic are moved'),
      isNewGroup: z.boolean().describe('the cluster did not know the group'),
      targets: z.array(Target).min(1),
    }),
  ),
  moment: z
    .discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('time'), atMs: z.number() }),
      z.strictObject({ kind: z.literal('start') }),
      z.strictObject({ kind: z.literal('end') }),
    ])
    .optional(),
  backup: z.string().optional().describe('file with the former offsets; absent until it is written'),
});
export type MoveFacts = z.infer<typeof MoveFacts>;

export function moveFacts(
  of: Pick<MoveFacts, 'group' | 'broker'>,
  plans: readonly MovePlan[],
  moment?: Moment,
): MoveFacts {
  const topics = plans.map(({ topic, isWhole, presence, positions }) => ({
    topic,
    isWhole,
    isNewGroup: presence.kind === 'absent',
    targets: targetsOf({ positions }).map(({ partition, brokerName, offset }) =>
      defined({ partition, brokerName, offset: String(offset) }),
    ),
  }));
  return { ...of, topics: topics.filter(({ targets }) => targets.length > 0), ...(moment && { moment }) };
}

export function topicMove({ group }: Pick<MoveFacts, 'group'>, of: MoveFacts['topics'][number]): TopicMove {
  const { topic, isWhole, isNewGroup } = of;
  const targets = of.targets.map(({ partition, brokerName, offset }): OffsetTarget =>
    defined({ topic, partition, brokerName, offset: BigInt(offset) }),
  );
  return { group, topic, isWhole, isNewGroup, targets };
}
