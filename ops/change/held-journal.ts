// Guards a change's journal with the cluster's lease: without the lease no step starts and nothing is written.

import { readFile, rm, writeFile } from 'node:fs/promises';
import type { Clock } from '../../core/clock.ts';
import { leaseText } from '../../core/documents/change-lease.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import type { HeldLease } from './hold-lease.ts';
import { readDocument, storeFault } from './journal-file.ts';
import { saveJournal, type ChangeJournal } from './journal.ts';

/** A request of an operator to the process that executes the change. */
export type Request = 'pause' | 'abort';

export interface OwnLease
  extends Pick<HeldLease, 'check' | 'isLost' | 'otherHolder'>, Partial<Pick<HeldLease, 'storeIs'>> {
  /** Absent if a rollback runs without a lease. */
  id?: string;
}

export interface HeldJournal extends Pick<OwnLease, 'storeIs'> {
  save(): Promise<void>;
  /** Called before each modification. @throws AppError lease-lost; change-under-way if another process owns the cluster now */
  check(): Promise<void>;
  /** Like `check`, and returns the operator's request. */
  request(): Promise<Request | undefined>;
}

/** A change that this process executes under the lease. */
export interface HeldChange<Facts extends object> extends HeldJournal {
  journal: ChangeJournal<Facts>;
  clock: Clock;
  signal: AbortSignal;
  tell(line: string): void;
  /** This process began the change. */
  isNew?: boolean;
}

/** Records who executes the change from now on. @throws AppError no-space, unless the change is a rollback; no-permission */
export async function takeJournal(
  path: string,
  journal: ChangeJournal,
  lease: OwnLease,
  tell: (line: string) => void,
): Promise<HeldJournal> {
  let onDisk = pickSaved(journal);
  delete journal.leaseId;
  if (lease.id !== undefined) journal.leaseId = lease.id;
  let isNotified = false;
  await write();

  /** Rollback steps can be repeated, so a full disk does not block them; borrowed settings and the end must be saved. */
  async function write(): Promise<void> {
    try {
      await saveJournal(path, journal);
      onDisk = pickSaved(journal);
    } catch (cause) {
      const { direction, status, borrowed } = journal;
      const isRepeatable = direction === 'back' && status === 'running';
      const isSaved = borrowed.every((each) => onDisk.borrowed.has(each));
      if (isRepeatable && isSaved && cause instanceof AppError && cause.code === 'no-space') {
        if (!isNotified) tell(`rolling back without saving the journal, whose end needs space: ${cause.message}`);
        isNotified = true;
        return;
      }
      // An end that is not on disk must be repeated.
      journal.status = onDisk.status;
      throw cause;
    }
  }

  /** Another process may have taken over the lease and continued with the same journal, or ended the change. */
  async function isTakenOver(): Promise<boolean> {
    const document = (await readDocument(path)) as Partial<ChangeJournal> | undefined;
    return document === undefined || document.leaseId !== onDisk.leaseId;
  }

  async function check(): Promise<void> {
    try {
      lease.check();
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      const isContinued = await isTakenOver();
      const other = isContinued ? undefined : await lease.otherHolder();
      if (!isContinued && other === undefined) throw cause;
      const now =
        other === undefined
          ? `the new owner continues this change or has ended it (${path})`
          : `${leaseText(other)} holds it. What this change moves and has set temporarily stays as it is: --abort, or --resume where this change can still continue, ends it once that lease is released (${path})`;
      throw new AppError('change-under-way', `${cause.message}; ${now}`, { cause });
    }
  }

  return {
    check,
    async storeIs(state, io) {
      await lease.storeIs?.(state, io);
      if (journal.leaseId === lease.id) return;
      journal.leaseId = lease.id;
      await write();
    },
    async save() {
      if (lease.isLost() && (await isTakenOver())) return;
      await write();
    },

    async request() {
      await check();
      return await readRequest(path);
    },
  };
}

const pickSaved = ({ status, borrowed, leaseId }: ChangeJournal) => ({ status, leaseId, borrowed: new Set(borrowed) });

const requestFile = (path: string) => path.replace(/\.json$/, '.request');

/** @throws AppError no-space, no-permission */
export async function writeRequest(path: string, request: Request): Promise<void> {
  const file = requestFile(path);
  await writeFile(file, request).catch((cause: unknown) => {
    throw storeFault(cause, `cannot write ${file}`, 'no-permission');
  });
}

async function readRequest(path: string): Promise<Request | undefined> {
  const text = (await readFile(requestFile(path), 'utf8').catch(ignoreFault('no stop request'))) ?? '';
  return text === 'pause' || text === 'abort' ? text : undefined;
}

export async function clearRequest(path: string): Promise<void> {
  await rm(requestFile(path), { force: true });
}
