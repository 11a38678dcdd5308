// Remembers an expired lease, so that the same command with --take-over does not wait for it again.

import { join } from 'node:path';
import { z } from 'zod';
import { ignoreFault } from '../../core/errors.ts';
import { fileName, readDocument, saveDocument } from './journal-file.ts';

const ExpiredLease = z.object({ print: z.string() });

const expiredFile = (stateFolder: string, clusterId: string): string =>
  join(stateFolder, 'leases', fileName([clusterId], '.expired', 'saveDocument'));

/** @param print contains the heartbeat number: while it is unchanged, nobody has renewed the lease */
export const noteExpired = (stateFolder: string, clusterId: string, print: string): Promise<void> =>
  saveDocument(expiredFile(stateFolder, clusterId), { print }).catch(ignoreFault('the next command waits again'));

export async function notedExpired(stateFolder: string, clusterId: string): Promise<string | undefined> {
  const read = readDocument(expiredFile(stateFolder, clusterId));
  return ExpiredLease.safeParse(await read.catch(ignoreFault('the lease is then watched again'))).data?.print;
}
