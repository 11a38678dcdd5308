// Pauses, resumes, aborts or shows a reassignment that is under way.

import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { lineWriter } from '../../caller.ts';
import { leaseText } from '../../../core/documents/change-lease.ts';
import { AppError } from '../../../core/errors.ts';
import type { Observation } from '../../../ops/change/acquire-lease.ts';
import { carryOut } from '../../../ops/change/carry-out.ts';
import { movesUndo } from '../../../ops/kafka/execute/carry-out.ts';
import { look, progressOf } from '../../../ops/kafka/execute/look.ts';
import { isAsLeft } from '../../../ops/kafka/execute/moved-by-others.ts';
import { writeRequest } from '../../../ops/change/held-journal.ts';
import { AnyFacts, hasEnded, readJournal } from '../../../ops/change/journal.ts';
import type { Progress } from '../../../ops/kafka/execute/run.ts';
import { ReassignFacts, type ReassignJournal } from '../../../ops/kafka/execute/reassign-facts.ts';
import { seeLease } from '../take-lease.ts';
import type { ReassignCaller } from './reassign-request.ts';
import { beginChange, continueChange, claimsOf } from '../journaled-change.ts';
import { carryOn, type CarriedOn } from './carry-on.ts';
import { changeName, type Executed } from './execute-plan.ts';
import { undoSteps, visibleChange, visibleText } from '../../../ops/kafka/execute/visible-change.ts';
import { defined } from '../../../core/defined.ts';
import { changeRulesFor } from '../change-rules.ts';

/** Result of a request to control a reassignment. */
export type Controlled =
  /** Passed on to the process that executes it, if one is running. */
  | { kind: 'requested' }
  | {
      kind: 'status';
      state: ReassignJournal;
      path: string;
      progress: Pick<Progress, 'replicas' | 'removed' | 'moving'>;
      /** The process that executes it. */
      owner?: string;
    }
  | { kind: 'executed'; executed: Executed }
  | { kind: 'cancelled'; undone: readonly string[] };

/** @param control one of `controls`. @throws AppError not-found, change-under-way, change-stopped */
export async function controlChange(
  io: ReassignCaller,
  changes: KafkaChanges,
  { path, name, config, typed, control, view }: CarriedOn & { name: string; typed: string; control: string },
): Promise<Controlled> {
  const state = await readJournal(path, ReassignFacts);
  // The journal of an ended change is archived by the next one if its own process could not.
  if (control === 'abort' && state?.status !== 'running') {
    return { kind: 'cancelled', undone: await abortVisible(io, changes, { name, config, typed, path }) };
  }
  if (state === undefined) {
    throw new AppError('not-found', `no reassignment was begun here that has not ended: there is no ${path}`, {
      hint: 'run this on the machine, and as the user, that started it (`plimsoll ops status` shows it while its lease is held), or with its --state-dir; --abort lists what the cluster shows',
    });
  }
  if (control === 'status') return await statusOf(io, changes, { path, config, state });
  const { cluster, clusterId, subject } = state;
  const isBack = control === 'abort';
  if (isBack) await io.confirm(typed, `${changeName} of ${subject} in cluster ${name}: ${movesUndo.description}.`);
  let seen: Observation | undefined;
  if (control === 'pause' || isBack) {
    seen = await seeOwner(io, config, state);
    const holder = ownerIn(seen, state);
    if (holder !== undefined) {
      await writeRequest(path, control);
      lineWriter(io)(
        `asked ${holder} to ${isBack ? 'roll back' : 'stop after its current wave'}; --status shows the progress`,
      );
      return { kind: 'requested' };
    }
    if (control === 'pause') {
      io.stderr.write(
        'no process is running this change, so there is nothing to pause; continue with --resume or roll back with --abort\n',
      );
      return { kind: 'requested' };
    }
  }
  const amend = await paceAgain(io, { name, typed }, state.facts);
  const executed = await continueChange(
    io,
    { name: cluster, config, ...(clusterId !== undefined && { typed: clusterId }) },
    {
      change: changeName,
      subject,
      path,
      schema: ReassignFacts,
      isBack,
      amend,
      isAsLeft: async (journal) => isAsLeft(journal, await look({ changes, signal: io.signal })),
      ...(seen && { seen }),
    },
    (held) => carryOn(io, changes, held, { path, config, view }),
  );
  return { kind: 'executed', executed };
}

/** @returns undefined if, according to the state, no process executes the change */
async function seeOwner(
  io: ReassignCaller,
  config: KafkaClusterConfig,
  { cluster, clusterId, leaseId }: ReassignJournal,
): Promise<Observation | undefined> {
  if (leaseId === undefined) return undefined;
  return await seeLease(io, { name: cluster, config, ...(clusterId !== undefined && { typed: clusterId }) });
}

function ownerIn(seen: Observation | undefined, { leaseId }: ReassignJournal): string | undefined {
  return seen?.kind === 'live' && seen.holder.id === leaseId ? leaseText(seen.holder) : undefined;
}

async function statusOf(
  io: ReassignCaller,
  changes: KafkaChanges,
  { path, config, state }: { path: string; config: KafkaClusterConfig; state: ReassignJournal },
): Promise<Controlled> {
  const seen = await look({ changes, signal: io.signal });
  const { bytes: _, ...progress } = progressOf({ journal: state }, seen, undefined, new Map());
  const owner = ownerIn(await seeOwner(io, config, state), state);
  return { kind: 'status', state, path, progress, ...(owner !== undefined && { owner }) };
}

/**
 * Rolls back without a journal of the reassignment.
 *
 * @returns what was undone. @throws AppError not-found if the cluster shows no reassignment; usage without consent;
 *   change-under-way and other lease errors
 */
export async function abortVisible(
  io: ReassignCaller,
  changes: KafkaChanges,
  { name, config, typed, path }: { name: string; config: KafkaClusterConfig; typed: string; path: string },
): Promise<readonly string[]> {
  const own = claimsOf(io, { cluster: name, change: 'reassign --abort', subject: 'cluster' });
  const visible = await visibleChange(changes, io);
  const undone = visibleText(visible);
  const tell = lineWriter(io);
  if (visible.moving.length > 0 || visible.throttles.length > 0) {
    tell(`No unfinished reassignment in ${path}. From what the cluster shows:`);
  } else if ((await readJournal(own.path, AnyFacts)) !== undefined) {
    // Left by a process that was killed after its last step.
    tell('Nothing moves and no throttle is set: this ends the rollback that was interrupted.');
  } else {
    // A process that was killed between two waves leaves a shortened retention and nothing else.
    for (const line of undone) tell(line);
    throw new AppError(
      'not-found',
      `no reassignment is running: none in ${path} is unfinished, nothing moves and no throttle is set`,
      { hint: 'ended reassignments are kept next to it, as *.over' },
    );
  }
  for (const line of undone) tell(`  ${line}`);
  if (io.options.confirm !== undefined && (await hasEnded(path))) {
    throw new AppError(
      'not-found',
      'no reassignment to roll back: those that were begun here have ended, so this may belong to another machine or tool: nothing was changed',
      { hint: 'without --confirm, --abort asks on a terminal and then undoes it' },
    );
  }
  await beginChange(
    io,
    { name, config, typed },
    {
      ...own,
      isOnce: true,
      isLeaseNeeded: true,
      isBack: true,
      // Removing throttles places nothing: the change that set them can still be rolled back.
      placesReplicas: visible.moving.length > 0,
      summary:
        'Every move is cancelled and every throttle removed, whoever started it. Replicas that were moved stay where they are.',
      facts: { undone },
    },
    (held) => carryOut({ ...held, steps: undoSteps(changes, visible, io.clock) }),
  );
  return undone;
}

type Pace = Pick<ReassignFacts, 'throttleBytesPerSecond' | 'networkBytesPerSecond' | 'movesPerBroker'>;

/** @returns a function that sets the pace. @throws AppError approval-refused if it may be faster than the approved plan */
export async function paceAgain(
  io: ReassignCaller,
  cluster: { name: string; typed: string },
  planned: Pace,
): Promise<(journal: ReassignJournal) => void> {
  const { throttle, network, 'moves-per-broker': moves } = io.options;
  const given = defined({
    throttleBytesPerSecond: throttle,
    networkBytesPerSecond: network,
    movesPerBroker: moves,
  });
  const keys = Object.keys(given) as (keyof Pace)[];
  // An explicit throttle replaces a computed one, which may have been lower.
  const isFaster = keys.some((key) => (given[key] ?? 0) > (planned[key] ?? 0));
  // A throttle takes precedence over --network, so the planned throttle would still apply.
  const endsThrottle = network !== undefined && throttle === undefined;
  const mayBeFaster = isFaster || (endsThrottle && planned.throttleBytesPerSecond !== undefined);
  if (!mayBeFaster || (await changeRulesFor(io, cluster)).approval?.required !== true) {
    return ({ facts }) => {
      if (endsThrottle) delete facts.throttleBytesPerSecond;
      Object.assign(facts, given);
    };
  }
  throw new AppError('approval-refused', 'the approved plan has another pace: nothing was changed', {
    hint: 'leave out --throttle, --network and --moves-per-broker, or give those of the plan or less; for a higher pace, roll back with --abort and plan again',
  });
}
