// Writes and reads the control file in a bundle, which holds the address of the running load test.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, faultAs } from '../../../core/errors.ts';

const ControlDocument = z.strictObject({
  schemaVersion: z.literal(1),
  url: z.string(),
  token: z.string(),
  pid: z.number().int().positive(),
  /** Arguments, such as the config file, of a printed command that continues or cleans up; begins with a space. */
  configArgs: z.string().optional(),
});
export type ControlDocument = z.infer<typeof ControlDocument>;

const controlFileName = 'control.json';

export async function writeControlFile(directory: string, document: Omit<ControlDocument, 'schemaVersion'>) {
  const path = join(directory, controlFileName);
  await rm(path, { force: true });
  await writeFile(path, `${JSON.stringify({ schemaVersion: 1, ...document })}\n`, { mode: 0o600, flag: 'wx' });
}

export const removeControlFile = (directory: string) => rm(join(directory, controlFileName), { force: true });

/** Checks the process, because a killed run leaves its control file behind. */
export function isUnderWay({ pid }: Pick<ControlDocument, 'pid'>): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    // EPERM: the process exists and belongs to another user.
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @returns undefined if no run is in progress in that folder. @throws AppError run-unreadable */
export async function readControlFile(directory: string): Promise<ControlDocument | undefined> {
  const path = join(directory, controlFileName);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return faultAs('no-permission', `cannot read ${path}`)(cause);
  }
  try {
    return ControlDocument.parse(JSON.parse(text));
  } catch (cause) {
    throw new AppError('run-unreadable', `${path} is not what a run writes`, {
      cause,
      hint: `put a file named stop into ${directory}: the run looks for it, too`,
    });
  }
}
