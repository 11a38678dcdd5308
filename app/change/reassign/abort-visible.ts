// Aborts a reassignment whose journal is not here, from what the cluster shows, once what will be undone is listed and confirmed.

import { z } from 'zod';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { AppError } from '../../../core/errors.ts';
import { readJournal } from '../../../ops/change/journal.ts';
import { undoSteps, visibleChange, visibleText } from '../../../ops/kafka/execute/visible-change.ts';
import { lineWriter } from '../../line-writer.ts';
import { changeOnce } from '../change-once.ts';
import { claimsOf } from '../journaled-change.ts';
import type { ReassignCaller } from './reassign-request.ts';

const names = { change: 'reassign --abort', subject: 'cluster' };
const AnyFacts = z.record(z.string(), z.unknown());

/** @returns what was undone. @throws AppError not-found where the cluster shows none; usage without consent; change-under-way and others of a lease */
export async function abortVisible(
  io: ReassignCaller,
  changes: KafkaChanges,
  { name, config, typed, path }: { name: string; config: KafkaClusterConfig; typed: string; path: string },
): Promise<readonly string[]> {
  const visible = await visibleChange(changes, io);
  const undone = visibleText(visible);
  const tell = lineWriter(io);
  if (visible.moving.length > 0 || visible.throttles.length > 0) {
    tell(`There is no ${path}. From what the cluster shows:`);
  } else if ((await readJournal(claimsOf(io, { ...names, cluster: name }).path, AnyFacts)) !== undefined) {
    // Of a process that was killed after its last step.
    tell('Nothing moves and no throttle is set: this ends the rollback that was interrupted.');
  } else {
    // A process that was killed between two waves leaves a shortened retention and nothing else.
    for (const line of undone) tell(line);
    throw new AppError(
      'not-found',
      `no reassignment is running: there is no ${path}, nothing moves and no throttle is set`,
      { hint: 'ended reassignments are kept next to it, as *.over' },
    );
  }
  for (const line of undone) tell(`  ${line}`);
  await changeOnce(
    io,
    { name, config, typed },
    {
      ...names,
      isBack: true,
      summary:
        'Every move is cancelled and every throttle removed, whoever started it. Replicas that were moved stay where they are.',
      facts: { undone },
      steps: undoSteps(changes, visible, io.clock),
    },
  );
  return undone;
}
