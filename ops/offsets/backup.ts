// Writes a group's offsets to a file on disk before a move, and reads it back for a restore.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Io } from '../../brokers/driver.ts';
import type { GroupOffsets, GroupPosition } from '../../brokers/group-offsets.ts';
import { brokerKinds } from '../../core/cluster.ts';
import { AppError, readFailure } from '../../core/errors.ts';
import { readJson } from '../../core/text/parse-json.ts';
import { named } from '../../core/text/bilingual.ts';
import { createDocument, fileName } from '../change/journal-file.ts';
import { partitionText, readPositions } from './plan-move.ts';

/** Text, because offsets exceed 2^53. */
const Offset = z.string().regex(/^\d{1,19}$/, 'an offset is a whole number, as text');

export const OffsetBackup = z
  .strictObject({
    schemaVersion: z.literal(1),
    kind: z.literal('group-offsets'),
    cluster: z.string(),
    broker: z.enum(brokerKinds),
    group: z.string(),
    takenAt: z.iso.datetime(),
    positions: z.array(
      z.strictObject({
        topic: z.string(),
        partition: z.number().int().min(0),
        brokerName: z.string().optional().describe('RocketMQ: queue ids start at 0 for each'),
        committed: Offset.optional().describe('absent: the group had never committed there'),
        start: Offset.optional(),
        end: Offset.optional(),
      }),
    ),
    notSaved: z
      .array(z.strictObject({ topic: z.string(), reason: z.string() }))
      .optional()
      .describe('topics in which the group has committed, and whose offsets cannot be read'),
  })
  .describe('Offsets of a consumer group before they were changed.');
export type OffsetBackup = z.infer<typeof OffsetBackup>;

export function backupOf(
  of: Pick<OffsetBackup, 'cluster' | 'broker' | 'group'>,
  positions: readonly GroupPosition[],
  now: Date,
): OffsetBackup {
  const text = (name: 'start' | 'end' | 'committed', value: bigint | undefined) =>
    value === undefined ? {} : { [name]: String(value) };
  return {
    schemaVersion: 1,
    kind: 'group-offsets',
    ...of,
    takenAt: now.toISOString(),
    positions: positions.map(({ topic, partition, brokerName, committed, start, end }) => ({
      topic,
      partition,
      ...(brokerName !== undefined && { brokerName }),
      ...text('committed', committed),
      ...text('start', start),
      ...text('end', end),
    })),
  };
}

/**
 * Static topics and lite topics of RocketMQ do not prevent a backup of the others.
 *
 * @throws AppError broker-unreachable; unsupported-broker if no topic can be read
 */
export async function readTopics(
  offsets: GroupOffsets,
  group: string,
  topics: readonly string[],
  io: Io,
): Promise<{ positions: GroupPosition[]; notSaved: { topic: string; reason: string }[] }> {
  const positions: GroupPosition[] = [];
  const notSaved: { topic: string; reason: string }[] = [];
  for (const topic of topics) {
    try {
      positions.push(...(await readPositions(offsets, group, topic, io)));
    } catch (cause) {
      const isLast = notSaved.length + 1 === topics.length;
      if (isLast || !(cause instanceof AppError) || cause.code !== 'unsupported-broker') throw cause;
      notSaved.push({ topic, reason: cause.message });
    }
  }
  refuseUnknown(group, positions);
  return { positions, notSaved };
}

/** A position without any offset may have a commit that cannot be read now. @throws AppError broker-unreachable */
export function refuseUnknown(group: string, positions: readonly GroupPosition[]): void {
  const unknown = positions.filter(
    ({ start, end, committed }) => start === undefined && end === undefined && committed === undefined,
  );
  if (unknown.length === 0) return;
  const places = named(unknown.map((each) => `${each.topic} ${partitionText(each)}`));
  throw new AppError(
    'broker-unreachable',
    `cannot read the offsets of ${group} in ${places}: no leader reports them now`,
    { hint: 'wait for a leader, or start the broker' },
  );
}

export function backupFile(folder: string, { cluster, group, takenAt }: OffsetBackup): string {
  return join(folder, 'offset-backups', fileName([cluster, group], `--${takenAt.replaceAll(':', '')}.json`));
}

/** Durable when this returns. @throws AppError no-space, no-permission, file-exists */
export async function writeBackup(path: string, backup: OffsetBackup): Promise<void> {
  if (await createDocument(path, backup)) return;
  throw new AppError('file-exists', `cannot write ${path}: it exists`, {
    hint: 'a backup is never overwritten: use another --out',
  });
}

/** @throws AppError backup-unreadable if the file is no backup, or one of another cluster or group */
export async function readBackup(
  path: string,
  of: Pick<OffsetBackup, 'cluster' | 'broker' | 'group'>,
): Promise<OffsetBackup> {
  const refuse = (why: string, cause?: unknown) =>
    new AppError('backup-unreadable', `cannot restore from ${path}: ${why}`, { cause });
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw refuse(readFailure(cause), cause);
  });
  let json: unknown;
  try {
    json = readJson(text);
  } catch (cause) {
    throw refuse(`not JSON: ${(cause as Error).message}`, cause);
  }
  const parsed = OffsetBackup.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refuse(`${issue?.path.join('.') || 'document'}: ${issue?.message ?? 'not understood'}`);
  }
  for (const key of ['broker', 'cluster', 'group'] as const) {
    if (parsed.data[key] !== of[key]) throw refuse(`it is of ${key} ${parsed.data[key]}, and not of ${of[key]}`);
  }
  return parsed.data;
}
