// Begins or continues any kind of change: confirmed, permitted, under the cluster's lease, with a journal that is
// archived when the change ends.

import type { z } from 'zod';
import { clusterNamesIn } from '../../brokers/cluster-id.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { clearRequest, takeJournal, type HeldChange } from '../../ops/change/held-journal.ts';
import {
  AnyFacts,
  beginJournal,
  journalFile,
  newJournal,
  putAside,
  readJournal,
  takenOverBy,
  type ChangeJournal,
  type journalFolders,
} from '../../ops/change/journal.ts';
import { type Caller, lineWriter, stateFolderOf } from '../caller.ts';
import { type NamedEntry, verifyUnlessDown } from '../observe/named-cluster.ts';
import { remediesText } from './change-command.ts';
import { takeLease, type LeasedCluster, type LeaseClaims, type TakenLease } from './take-lease.ts';
import { defined } from '../../core/defined.ts';

/** @returns the claims of a change, with the path of its journal */
export function claimsOf(
  io: Pick<Caller, 'options' | 'environment'>,
  { cluster, change, subject }: { cluster: string; change: string; subject: string },
  folder: (typeof journalFolders)[number] = 'changes',
) {
  return { change, subject, path: journalFile(stateFolderOf(io), folder, [cluster, change, subject]) };
}

/** A cluster, with the text that must be typed to change it. */
export type TypedCluster = LeasedCluster & { typed: string };

export interface Beginning<Facts extends object> extends LeaseClaims {
  /** Path of the journal. */
  path: string;
  /** Text that the user confirms. */
  summary: string;
  /** Name of what the change deletes permanently, which must be typed too. */
  deletes?: string;
  facts: Facts;
  before?: readonly Finding[];
  /**
   * Cannot be resumed: the journal is archived on every exit without borrowed settings, and so is a journal left by a
   * killed process.
   */
  isOnce?: boolean;
  /** The change is a reassignment: an earlier one that is unfinished then keeps placements. */
  placesReplicas?: boolean;
  /** Runs under the lease, before the journal is created. @returns current facts and findings, if they are read again */
  prepare?(): Promise<Pick<Beginning<Facts>, 'facts' | 'before'> | void>;
}

export interface Continuation<Facts extends object> extends LeaseClaims {
  path: string;
  schema: z.ZodType<Facts>;
  /** Text to confirm; absent: it is confirmed already, or continues forward. */
  summary?: string;
  /** Applies decisions that were made while the change was under way. */
  amend?(journal: ChangeJournal<Facts>): void;
  /** For a reassignment. @returns whether replicas are where the journal left them */
  isAsLeft?(journal: ChangeJournal<Facts>): Promise<boolean>;
}

type CarryOut<Facts extends object, Result> = (held: HeldChange<Facts>) => Promise<Result>;

export interface Carried<Facts extends object, Result> {
  result: Result;
  state: ChangeJournal<Facts>;
  /** Current path of the journal. */
  kept: string;
}

/** @throws AppError usage without consent; change-under-way and other lease errors; no-space, no-permission; errors of `carry` */
export async function beginChange<Facts extends object, Result>(
  io: Caller,
  cluster: TypedCluster,
  {
    path,
    summary,
    deletes,
    facts,
    before,
    isOnce = false,
    prepare,
    placesReplicas = false,
    ...claims
  }: Beginning<Facts>,
  carry: CarryOut<Facts, Result>,
): Promise<Carried<Facts, Result>> {
  const { change, subject } = claims;
  // Before the confirmation, the lease and the use of an approval; again under the lease.
  await refuseBegun(path, isOnce);
  await io.confirm(cluster.typed, summary);
  if (deletes !== undefined) await io.confirmDeletion(deletes);
  await using lease = await takeLease(io, cluster, claims);
  const current = (await prepare?.()) ?? { facts, ...(before && { before }) };
  await makeRoom(io, path, isOnce);
  // A request to an earlier change that ended before reading it must not roll this one back.
  await clearRequest(path);
  const names = { cluster: cluster.name, clusterId: cluster.typed, change, subject };
  const journal = newJournal({ ...names, ...current }, io.clock.now());
  await lease.begin();
  await beginJournal(path, journal);
  return await carryUnderLease(io, path, journal, lease, carry, { isOnce, isNew: true, placesReplicas });
}

interface Begun<Facts extends object> extends Omit<Continuation<Facts>, 'summary' | 'isBack'> {
  action: 'resume' | 'abort';
  /** Text to confirm before the rollback. */
  undoSummary: string;
}

/**
 * Like `continueChange`, and verifies the cluster first. @throws AppError usage if no change is under way; as
 * verifyBegun and continueChange
 */
export async function continueBegun<Facts extends object, Result>(
  io: Caller,
  entry: NamedEntry & Pick<LeasedCluster, 'without'>,
  { action, undoSummary, ...claims }: Begun<Facts>,
  carry: CarryOut<Facts, Result>,
): Promise<Carried<Facts, Result>> {
  const begun = await readJournal(claims.path, claims.schema);
  if (begun?.status !== 'running') throw noneUnderWay(claims, action);
  const isBack = action === 'abort';
  const typed = await verifyBegun(io, entry, begun, { isBack, mayBeDown: claims.mayBeDown === true });
  const summary = isBack ? undoSummary : undefined;
  return await continueChange(io, { ...entry, typed }, { ...claims, isBack, ...defined({ summary }) }, carry);
}

/**
 * Resumes or aborts the change in the journal. @throws AppError not-found; wrong-cluster; change-under-way and other
 * lease errors; errors of `carry`
 */
export async function continueChange<Facts extends object, Result>(
  io: Caller,
  cluster: LeasedCluster,
  { path, schema, summary, amend, isAsLeft, ...claims }: Continuation<Facts>,
  carry: CarryOut<Facts, Result>,
): Promise<Carried<Facts, Result>> {
  const { change, subject, isBack = false } = claims;
  const begun = await readJournal(path, schema);
  if (begun !== undefined) refuseOtherCluster(begun, cluster.typed, path);
  if (summary !== undefined) await io.confirm(cluster.typed ?? cluster.name, summary);
  await using lease = await takeLease(io, cluster, { ...claims, change: isBack ? `${change} --abort` : change });
  // The former holder of the lease may have updated the journal.
  const journal = await readJournal(path, schema);
  if (journal?.status !== 'running') {
    throw new AppError('not-found', `${change} of ${subject} has already ended: ${path}`, {
      hint: 'nothing to do: another process has completed it or rolled it back',
    });
  }
  if (isAsLeft !== undefined) {
    const isKnown = lease.id === undefined || lease.placedBy !== undefined || (await isAsLeft(journal));
    const takenOver = takenOverBy(journal, lease) ?? (isKnown ? undefined : lostRecord);
    Object.assign(journal, defined({ takenOver }));
  }
  amend?.(journal);
  await lease.begin();
  await clearRequest(path);
  if (!isBack && journal.direction === 'back') {
    lineWriter(io)(
      'this change was being rolled back and now goes forward again; --abort finishes the rollback instead',
    );
  }
  journal.direction = isBack ? 'back' : 'forward';
  return await carryUnderLease(io, path, journal, lease, carry, { placesReplicas: isAsLeft !== undefined });
}

/** A Kafka group without members loses its offsets, and with them the record, after offsets.retention.minutes (7 days). */
const lostRecord = 'possibly another reassignment (replicas were moved, and the cluster has no record of the last one)';

/** Journals of RocketMQ clusters behind typed addresses can share a name, and a config entry may now name another cluster. */
function refuseOtherCluster({ change, subject, clusterId }: ChangeJournal, typed: string | undefined, path: string) {
  if (clusterId === undefined || typed === undefined) return;
  // Name servers shared by several RocketMQ clusters do not list those that are down.
  if (!clusterNamesIn(clusterId).isDisjointFrom(clusterNamesIn(typed))) return;
  const message = `${change} of ${subject} was begun on cluster ${clusterId}, and this is cluster ${typed}: ${path}`;
  throw new AppError('wrong-cluster', message, {
    hint: 'name the cluster on which it was begun; another --state-dir holds the changes of this one; if that cluster no longer exists, move this file away',
  });
}

async function carryUnderLease<Facts extends object, Result>(
  io: Pick<Caller, 'stderr' | 'clock' | 'signal'>,
  path: string,
  state: ChangeJournal<Facts>,
  lease: TakenLease,
  carry: CarryOut<Facts, Result>,
  { isOnce = false, isNew = false, placesReplicas = false } = {},
): Promise<Carried<Facts, Result>> {
  const { clock, signal } = io;
  const tell = lineWriter(io);
  const guarded = await takeJournal(path, state, lease, tell);
  if (placesReplicas && state.takenOver === undefined) await lease.placesReplicas(state.startedAt);
  const held = { ...guarded, journal: state, clock, signal, tell, isNew };
  const result = await carry(held).catch(async (cause: unknown) => {
    // If the lease is lost, its next owner may have archived the journal already.
    if (lease.isLost()) throw cause;
    const isOver = state.status !== 'running' || (isOnce && state.borrowed.length === 0);
    if (!isOver) throw withRemedies(cause, state);
    await putAside(path, state);
    throw cause;
  });
  // As above: the journal of an ended change is then archived by the next one.
  if (lease.isLost()) return { result, state, kept: path };
  await clearRequest(path);
  return { result, state, kept: state.status === 'running' ? path : await putAside(path, state) };
}

/** Adds to the error how to continue the change or roll it back; the journal stays in place. */
function withRemedies(cause: unknown, { change, takenOver }: ChangeJournal): unknown {
  const remedies = remediesText(change, takenOver);
  if (!(cause instanceof AppError) || cause.code === 'change-under-way' || remedies === '') return cause;
  const hint = cause.code === 'aborted' ? remedies : `${cause.hint}; ${remedies}`;
  return new AppError(cause.code, cause.message, { cause, hint });
}

async function makeRoom(io: Caller, path: string, isOnce: boolean): Promise<void> {
  const former = await refuseBegun(path, isOnce);
  if (former === undefined) return;
  const kept = await putAside(path, former);
  if (former.status !== 'running') return;
  // The process that wrote it no longer holds the lease.
  const { change, subject, startedAt } = former;
  lineWriter(io)(`${change} of ${subject}, started at ${startedAt}, was interrupted; its journal is ${kept}`);
}

/** @returns the journal of a change that has ended. @throws AppError change-under-way */
export async function refuseBegun(path: string, isOnce = false): Promise<ChangeJournal | undefined> {
  const begun = await readJournal(path, AnyFacts);
  if (begun?.status === 'running' && !(isOnce && begun.borrowed.length === 0)) throw refusalOf(begun, path);
  return begun;
}

/** The error for a change that was begun and has not ended. */
export const refusalOf = ({ change, subject, startedAt, takenOver }: ChangeJournal, path: string): AppError => {
  const remedies = remediesText(change, takenOver);
  return new AppError(
    'change-under-way',
    `${change} of ${subject} was started at ${startedAt} and has not ended: ${path}`,
    // A killed process leaves its lease behind.
    { hint: remedies === '' ? remedies : `${remedies}; if its process was killed, add --take-over` },
  );
};

/** The error for `--resume` and `--abort` if no change is under way. */
const noneUnderWay = ({ change, subject, path }: { change: string; subject: string; path: string }, action: string) =>
  new AppError('usage', `no ${change} of ${subject} to ${action}: there is no ${path}`, {
    hint: 'run this on the machine that started the change (`plimsoll ops status` shows it while its lease is held), with the same --state-dir; ended changes are kept there as *.over; --execute starts a new one',
  });

/** A rollback needs no name server: the journal has the cluster and the broker addresses. @returns the text that must be typed */
async function verifyBegun(
  io: Caller,
  entry: NamedEntry,
  { clusterId = entry.name }: Pick<ChangeJournal, 'clusterId'>,
  { isBack, mayBeDown = false }: { isBack: boolean; mayBeDown?: boolean },
): Promise<string> {
  const why = isBack ? 'rolling back on the brokers that can be reached' : 'no broker answers';
  return verifyUnlessDown(io, entry, isBack || mayBeDown ? { typed: clusterId, why } : undefined, false);
}
