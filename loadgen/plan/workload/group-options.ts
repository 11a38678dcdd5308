// Defines the consumer groups of a workload file.

import { z } from 'zod';
import type { ConsumerOptions } from '../../../brokers/driver.ts';
import { Duration } from '../../../core/text/quantity.ts';
import { defined } from '../../../core/defined.ts';

const whole = z.number().int().positive();

const Stop = z
  .strictObject({ from: Duration, to: Duration })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'the end of a stop must be after its start' });

const GroupOptions = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,60}$/, 'a name has 1 to 60 of A-Z a-z 0-9 _ -')
    .optional()
    .describe("suffix after the run's id, so that no other group is affected (default: its number)"),
  members: whole.max(1000).default(1).describe('consumers that share the partitions (default 1)'),
  processing: Duration.refine((value) => value <= 3600, { message: 'a message is processed in at most 1h' })
    .prefault('0s')
    .describe('what each message takes a member, one after another (default 0s)'),
  stopped: z
    .array(Stop)
    .default([])
    .describe('time without members, counted from the first step: { from: 30s, to: 2m }'),
  commits: z
    .enum(['each-second', 'each-batch', 'never'])
    .optional()
    .describe('when offsets are committed (default each-second)'),
  mode: z
    .enum(['push', 'pull'])
    .optional()
    .describe('RocketMQ: long polling (push) or repeated pulls (pull); default push'),
  from: z.enum(['start', 'end']).optional().describe('where the group starts in an existing topic (default end)'),
  readCommitted: z.boolean().optional().describe('Kafka: messages of open and aborted transactions are not delivered'),
});
type GroupOptions = z.output<typeof GroupOptions>;

export const Groups = z.union([z.number().int().nonnegative().max(100), z.array(GroupOptions).max(100)]);
export type Groups = z.output<typeof Groups>;

/** A group with its full name in the cluster. */
export interface WantedGroup extends Omit<GroupOptions, 'name'> {
  name: string;
}

/** @param prefix prefix of the run, which every group name has */
export function groupsOf(groups: Groups, prefix: string): WantedGroup[] {
  const listed = typeof groups === 'number' ? Array.from({ length: groups }, () => GroupOptions.parse({})) : groups;
  return listed.map((group, index) => ({ ...group, name: `${prefix}-${group.name ?? index + 1}` }));
}

/** Returns the driver options for a group's members. */
export function consumerOptionsOf(group: WantedGroup): Omit<ConsumerOptions, 'topic'> {
  const { name, commits, mode, from, readCommitted } = group;
  return defined({ group: name, commits, mode, from, readCommitted });
}
