// Executes a change that is neither resumed nor aborted.

import { carryOut } from '../../ops/change/carry-out.ts';
import { journalFile } from '../../ops/change/journal.ts';
import type { Step } from '../../ops/change/step.ts';
import type { Caller } from '../caller.ts';
import { lineWriter } from '../line-writer.ts';
import { beginChange, type Beginning, type TypedCluster } from './journaled-change.ts';
import { stateFolderOf } from '../state-folder.ts';

export interface ChangeOnce<Facts extends object> extends Omit<Beginning<Facts>, 'path' | 'isOnce' | 'isLeaseNeeded'> {
  steps: readonly Step<Facts>[];
}

/** The file of its journal. */
export const onceJournal = (
  io: Caller,
  cluster: string,
  { change, subject }: Pick<ChangeOnce<object>, 'change' | 'subject'>,
): string => journalFile(stateFolderOf(io), 'changes', [cluster, change, subject]);

/** @throws AppError usage without consent, change-under-way and others of a lease, no-space; as a step meets it */
export async function changeOnce<Facts extends object>(
  io: Caller,
  cluster: TypedCluster,
  { steps, ...change }: ChangeOnce<Facts>,
): Promise<void> {
  const { clock, signal } = io;
  const path = onceJournal(io, cluster.name, change);
  const tell = lineWriter(io);
  await beginChange(io, cluster, { ...change, path, isOnce: true, isLeaseNeeded: true }, (journal, held) =>
    carryOut({ ...held, journal, steps, clock, signal, tell }),
  );
}
