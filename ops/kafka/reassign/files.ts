// Parses the input files of a reassignment: Kafka's assignment, brokers and partition sizes.

import { z } from 'zod';
import { describeIssues, pathText } from '../../../core/config-problem.ts';
import { AppError } from '../../../core/errors.ts';
import { parseJsonFile } from '../../../core/text/parse-json.ts';

/** Kafka's maximum length of a topic name (org.apache.kafka.common.internals.Topic). */
const longestTopic = 249;

const Id = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);
const Topic = z
  .string()
  .regex(/^[\w.-]+$/, 'is not a topic name: letters, digits, dot, dash and underscore')
  .max(longestTopic);
const size = z.int().min(0);

export const Assignment = z.strictObject({
  /** Kafka assumes version 1 for a file without it. */
  version: z.literal(1).optional(),
  partitions: z
    .array(
      z.strictObject({
        topic: Topic,
        partition: Id,
        replicas: z.array(Id).min(1).max(64),
        log_dirs: z.array(z.string()).optional(),
      }),
    )
    .min(1),
});
export type Assignment = z.infer<typeof Assignment>;

export const Brokers = z
  .array(
    z.strictObject({
      id: Id,
      rack: z.string().min(1).optional(),
      capacity: z
        .strictObject({
          diskBytes: z.int().positive().optional(),
          networkBytesPerSecond: z.number().positive().max(Number.MAX_SAFE_INTEGER).optional(),
        })
        .optional(),
    }),
  )
  .min(1);
export type Brokers = z.infer<typeof Brokers>;

export const Sizes = z.array(z.strictObject({ topic: Topic, partition: Id, bytes: size }));
export type Sizes = z.infer<typeof Sizes>;

/** Input of kafka-reassign-partitions.sh --generate. */
export const TopicsToMove = z.strictObject({
  /** Kafka assumes version 1 for a file without it. */
  version: z.literal(1).optional(),
  topics: z.array(z.strictObject({ topic: Topic })).min(1),
});

/** @param path for messages. @throws AppError reassignment-unreadable, with the position of the first mistakes */
export function parseFile<Schema extends z.ZodType>(text: string, schema: Schema, path: string): z.infer<Schema> {
  const written = parseJsonFile(text, path, 'reassignment-unreadable');
  const read = schema.safeParse(written);
  if (read.success) return read.data;
  const issues = describeIssues(read.error.issues.slice(0, 3), schema, written);
  const problems = issues.map((issue) => [pathText(issue.path), issue.message].filter((part) => part !== '').join(' '));
  const more = read.error.issues.length - 3;
  throw new AppError(
    'reassignment-unreadable',
    `${path}: ${problems.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
  );
}
