// Saves the read position and totals of a followed GC log in one file that is replaced atomically.

import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { GcLogTotals } from '../../core/documents/evidence/gc-log-reading.ts';
import { replaceFile } from '../../core/files.ts';
import { Content } from './contents.ts';
import { SourceState } from './source.ts';

export const GcTailCheckpoint = z.strictObject({
  version: z.literal(1),
  /** Paths of the last search: logs of a JVM that was restarted with other paths must still be read to the end. */
  patterns: z.array(z.string()),
  contents: z.array(Content),
  sources: z.array(SourceState),
  hasCaughtUp: z.boolean(),
  totals: GcLogTotals,
});
export type GcTailCheckpoint = z.infer<typeof GcTailCheckpoint>;

/** Limit for a hundred files with their heads, and parsers with one record each. */
const longestCheckpoint = 16 * 2 ** 20;

type CheckpointRead =
  { kind: 'absent' } | { kind: 'read'; checkpoint: GcTailCheckpoint } | { kind: 'unusable'; reason: string };

export async function readCheckpoint(path: string): Promise<CheckpointRead> {
  try {
    const { size } = await stat(path);
    if (size > longestCheckpoint) return { kind: 'unusable', reason: `${size} bytes are more than it can have` };
    const checkpoint = GcTailCheckpoint.safeParse(JSON.parse(await readFile(path, 'utf8')));
    if (checkpoint.success) return { kind: 'read', checkpoint: checkpoint.data };
    return { kind: 'unusable', reason: 'it is not of this version' };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'unusable', reason: message };
  }
}

export const writeCheckpoint = (path: string, checkpoint: GcTailCheckpoint): Promise<void> =>
  replaceFile(path, (file) => file.writeFile(JSON.stringify(checkpoint)));
