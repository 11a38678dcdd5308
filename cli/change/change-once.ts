// Carries out a change that ends in one go: confirmed, under the lease of its cluster, with a journal that is put aside when it ends.

import { z } from 'zod';
import { carryOut } from '../../ops/change/carry-out.ts';
import { takeJournal } from '../../ops/change/held-journal.ts';
import { beginJournal, journalFile, newJournal, putAside, readJournal } from '../../ops/change/journal.ts';
import type { Step } from '../../ops/change/step.ts';
import type { CommandIo } from '../command.ts';
import { confirm } from '../confirm.ts';
import { takeLease, type LeasedCluster } from './command-lease.ts';
import type { WantedChange } from './permit-change.ts';
import { stateFolderOf } from './state-folder.ts';

export interface ChangeOnce<Facts extends object> extends WantedChange {
  /** What is confirmed. */
  says: string;
  facts: Facts;
  steps: readonly Step<Facts>[];
}

/** @throws AppError usage without consent, change-under-way and others of a lease, no-space; as a step meets it */
export async function changeOnce<Facts extends object>(
  io: CommandIo,
  cluster: LeasedCluster & { typed: string },
  { says, facts, steps, ...what }: ChangeOnce<Facts>,
): Promise<void> {
  const { clock, signal } = io;
  const { change, subject } = what;
  const tell = (line: string) => io.stderr.write(`${line}\n`);
  await confirm(io, cluster.typed, says);
  await using lease = await takeLease(io, cluster, { ...what, isLeaseNeeded: true });
  const path = journalFile(stateFolderOf(io), 'changes', [cluster.name, change, subject]);
  const former = await readJournal(path, AnyFacts);
  // Whoever wrote it no longer holds the lease.
  if (former !== undefined) {
    const kept = await putAside(path, former);
    tell(`${change} of ${subject}, begun at ${former.startedAt}, was stopped before its end; its journal is ${kept}`);
  }
  const named = { cluster: cluster.name, clusterId: cluster.typed, change, subject };
  const journal = newJournal({ ...named, facts }, clock.now());
  await beginJournal(path, journal);
  try {
    await carryOut({ ...(await takeJournal(path, journal, lease)), journal, steps, clock, signal, tell });
  } finally {
    // Of a lease that is lost, the next owner may have put it aside already.
    if (!lease.isLost()) await putAside(path, journal);
  }
}

const AnyFacts = z.record(z.string(), z.unknown());
