// Pauses, resumes, aborts or shows a reassignment that is under way.

import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { leaseText } from '../../../core/documents/change-lease.ts';
import { AppError, exitCodes } from '../../../core/errors.ts';
import type { Observation } from '../../../ops/change/acquire-lease.ts';
import { look, progressOf } from '../../../ops/kafka/execute/look.ts';
import { writeRequest } from '../../../ops/change/held-journal.ts';
import { readJournal } from '../../../ops/change/journal.ts';
import { ReassignFacts, type ReassignJournal } from '../../../ops/kafka/execute/reassign-facts.ts';
import { seeLease } from '../take-lease.ts';
import type { ReassignIo } from '../../../cli/reassign/reassign-options.ts';
import { continueChange } from '../journaled-change.ts';
import { abortVisible } from './abort-visible.ts';
import { carryOn } from './carry-on.ts';
import { changeName, exitOf } from './execute-plan.ts';
import { reassignView } from '../../../cli/reassign/progress-view.ts';
import { executedText } from '../../../cli/reassign/plan-text.ts';

/** @param control one of `controls`. @throws AppError not-found, change-under-way, change-stopped */
export async function controlChange(
  io: ReassignIo,
  changes: KafkaChanges,
  {
    path,
    name,
    config,
    typed,
    control,
  }: { path: string; name: string; config: KafkaClusterConfig; typed: string; control: string },
): Promise<number> {
  const state = await readJournal(path, ReassignFacts);
  if (state === undefined) {
    if (control === 'abort') return await abortVisible(io, changes, { name, config, typed, path });
    throw new AppError('not-found', `no reassignment is under way: there is no ${path}`, {
      hint: 'what is over is kept beside it, in files that end in .over',
    });
  }
  if (control === 'status') return await showStatus(io, changes, { path, config, state });
  let seen: Observation | undefined;
  if (control === 'pause' || control === 'abort') {
    seen = await seeOwner(io, config, state);
    const holder = ownerIn(seen, state);
    if (holder !== undefined) {
      await writeRequest(path, control);
      io.stderr.write(
        `asked ${holder} to ${control === 'abort' ? 'go back' : 'stop after its wave'}; --status shows how far it is\n`,
      );
      return exitCodes.answered;
    }
    if (control === 'pause') {
      io.stderr.write('no process carries out this change: nothing is begun until --resume or --abort\n');
      return exitCodes.answered;
    }
  }
  const { cluster, clusterId, subject } = state;
  const isBack = control === 'abort';
  const executed = await continueChange(
    io,
    { name: cluster, config, ...(clusterId !== undefined && { typed: clusterId }) },
    { change: changeName, subject, path, schema: ReassignFacts, isBack, ...(seen && { seen }) },
    (journal, held) => carryOn(io, changes, journal, held, { path, config, view: reassignView(io) }),
  );
  const { result: outcome, kept } = executed;
  io.stdout.write(
    io.options['json'] === true
      ? `${JSON.stringify({ schemaVersion: 1, outcome: outcome.kind, startedAt: state.startedAt, state: kept, checks: executed.state.checks, log: executed.state.log }, undefined, 2)}\n`
      : executedText(executed),
  );
  return exitOf(executed);
}

/** @returns undefined where no process carries the change out, as far as its state shows */
async function seeOwner(
  io: ReassignIo,
  config: KafkaClusterConfig,
  { cluster, leaseId }: ReassignJournal,
): Promise<Observation | undefined> {
  return leaseId === undefined ? undefined : await seeLease(io, { name: cluster, config });
}

function ownerIn(seen: Observation | undefined, { leaseId }: ReassignJournal): string | undefined {
  return seen?.kind === 'live' && seen.holder.id === leaseId ? leaseText(seen.holder) : undefined;
}

async function showStatus(
  io: ReassignIo,
  changes: KafkaChanges,
  { path, config, state }: { path: string; config: KafkaClusterConfig; state: ReassignJournal },
): Promise<number> {
  const view = await look({ changes, signal: io.signal });
  const { replicas, moving } = progressOf({ state }, view, undefined, new Map());
  const owner = ownerIn(await seeOwner(io, config, state), state);
  const { facts, ...journal } = state;
  const document = { isHeld: owner !== undefined, path, replicas, moving, ...facts, ...journal };
  const last = state.log.at(-1)?.says ?? 'not begun';
  const work = owner === undefined ? 'no process carries it out' : `carried out by ${owner}`;
  io.stdout.write(
    io.options['json'] === true
      ? `${JSON.stringify(document, undefined, 2)}\n`
      : `${state.cluster}: going ${state.direction}, ${replicas.done} of ${replicas.all} replicas copied, ${moving} move; ${work}; last: ${last}\n`,
  );
  return exitCodes.answered;
}
