// Removes a lease that a process of this machine left because the cluster was down when the process ended.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { LeaseStore } from '../../brokers/lease-store.ts';
import { type Clock, seconds } from '../../core/clock.ts';
import { leaseExpirySeconds } from '../../core/documents/change-lease.ts';
import { ignoreFault } from '../../core/errors.ts';
import { fileName, readDocument, saveDocument } from './journal-file.ts';
import { faultIn, ownershipOf, releasedBy, watchHeartbeat } from './lease-ownership.ts';

const NotedLease = z.object({
  id: z.string(),
  /** The process ended normally, but could not reach every place of the lease to release it. */
  hasEnded: z.literal(true).optional(),
});
export type NotedLease = z.infer<typeof NotedLease>;

/** A cluster has one lease, so only the last one is noted. */
const noteFile = (stateFolder: string, clusterId: string): string =>
  join(stateFolder, 'leases', fileName([clusterId], '.json', 'saveDocument'));

/** Called before any modification, because a killed process writes nothing. @throws AppError no-space, no-permission */
export const noteLease = (stateFolder: string, clusterId: string, noted: NotedLease): Promise<void> =>
  saveDocument(noteFile(stateFolder, clusterId), noted);

export const forgetNotedLease = (stateFolder: string, clusterId: string): Promise<void> =>
  rm(noteFile(stateFolder, clusterId), { force: true }).catch(ignoreFault('it names a lease that no longer exists'));

/** @returns a lease that was not released. @throws AppError change-unreadable, no-permission */
export async function notedLease(stateFolder: string, clusterId: string): Promise<NotedLease | undefined> {
  return NotedLease.safeParse(await readDocument(noteFile(stateFolder, clusterId))).data;
}

/** Five heartbeats: a live owner renews the lease within this time, and a suspended owner notices that its lease is gone. */
const quiet = seconds(leaseExpirySeconds / 4);
const betweenReadings = seconds(1);

/**
 * @returns `live` if its owner still renews it, `gone` if the cluster has another lease or none. @throws AppError if
 *   the store does not respond
 */
export async function clearLeftLease(
  store: LeaseStore,
  id: string,
  { clock, signal, tell }: { clock: Clock; signal: AbortSignal; tell(line: string): void },
): Promise<'cleared' | 'gone' | 'live'> {
  const watch = watchHeartbeat(clock, quiet);
  for (let isFirst = true; ; isFirst = false) {
    const readings = await store.read({ signal });
    const fault = faultIn(readings);
    if (fault !== undefined) throw fault;
    const ownership = ownershipOf(readings);
    if (ownership.kind !== 'other' || ownership.holder.id !== id) return 'gone';
    const state = watch(ownership.print);
    if (state === 'live') return 'live';
    if (state === 'expired') break;
    if (isFirst)
      tell(`a former process of this machine left its lease: waiting ${quiet} s, and removing it if nobody renews it`);
    await clock.sleep(betweenReadings, { signal });
  }
  if ((await store.enter({ signal })) === 'occupied') return 'live';
  await store.clear(releasedBy(id), { signal });
  return 'cleared';
}

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
