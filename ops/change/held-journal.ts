// Guards a change's journal with the cluster's lease: without it no step starts and nothing is written.

import { readFile, rm, writeFile } from 'node:fs/promises';
import { leaseText } from '../../core/documents/change-lease.ts';
import { AppError } from '../../core/errors.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import type { HeldLease } from './hold-lease.ts';
import { readDocument } from './journal-file.ts';
import { saveJournal, type ChangeJournal } from './journal.ts';

/** What an operator asks of the process that carries the change out, beside it. */
export type Request = 'pause' | 'abort';

export interface OwnLease extends Pick<HeldLease, 'check' | 'isLost' | 'otherHolder'> {
  /** Absent where a change goes back without a lease. */
  id?: string;
}

export interface HeldJournal {
  save(): Promise<void>;
  /** Before each thing that is changed. @throws AppError lease-lost; change-under-way where another process has the cluster now */
  check(): Promise<void>;
  /** As `check`, and what an operator asks for. */
  request(): Promise<Request | undefined>;
}

/** Writes down who carries the change out from now on. */
export async function takeJournal(path: string, journal: ChangeJournal, lease: OwnLease): Promise<HeldJournal> {
  delete journal.leaseId;
  if (lease.id !== undefined) journal.leaseId = lease.id;
  await saveJournal(path, journal);

  /** Another process may have taken the lease over and gone on with the same journal. */
  async function isTakenOver(): Promise<boolean> {
    const { leaseId } = ((await readDocument(path)) ?? {}) as Partial<ChangeJournal>;
    return leaseId !== undefined && leaseId !== lease.id;
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
          ? `the new owner continues this change (${path})`
          : `${leaseText(other)} holds it. What this change moves and has set temporarily stays as it is: --resume or --abort ends it once that lease is released (${path})`;
      throw new AppError('change-under-way', `${cause.message}; ${now}`, { cause });
    }
  }

  return {
    check,
    async save() {
      if (lease.isLost() && (await isTakenOver())) return;
      await saveJournal(path, journal);
    },

    async request() {
      await check();
      return await readRequest(path);
    },
  };
}

const requestFile = (path: string) => path.replace(/\.json$/, '.request');

export async function writeRequest(path: string, request: Request): Promise<void> {
  await writeFile(requestFile(path), request);
}

async function readRequest(path: string): Promise<Request | undefined> {
  const text = (await readFile(requestFile(path), 'utf8').catch(ignoreFault('no stop request'))) ?? '';
  return text === 'pause' || text === 'abort' ? text : undefined;
}

export async function clearRequest(path: string): Promise<void> {
  await rm(requestFile(path), { force: true });
}
