// How is a change that is under way asked to pause, go on or go back, and how does it stand?

import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { exitCodes } from '../../core/errors.ts';
import { look, progressOf } from '../../ops/kafka/execute/look.ts';
import { clearRequest, isHeldByAnother, writeRequest } from '../../ops/kafka/execute/reassign-state.ts';
import type { CommandIo, Option } from '../command.ts';
import { continueChange, exitOf, stateAt } from './execute-plan.ts';
import { executedText } from './plan-text.ts';

export const controls = {
  resume: { type: 'boolean', help: 'go on with the change that is under way' },
  abort: { type: 'boolean', help: 'take back what moves, and bring what was moved back to where it was' },
  pause: { type: 'boolean', help: 'let the process at work stop after its wave, without throttles' },
  status: { type: 'boolean', help: 'show how far the change under way is' },
} as const satisfies Record<string, Option>;

/** @param control one of the keys above. @throws AppError not-found, change-under-way, change-stopped */
export async function controlChange(
  io: CommandIo,
  changes: KafkaChanges,
  { path, config, control }: { path: string; config: KafkaClusterConfig; control: string },
): Promise<number> {
  const state = await stateAt(path);
  const isHeld = isHeldByAnother(state);
  if (control === 'status') {
    const { replicas, moving } = progressOf(
      { state },
      await look({ changes, signal: io.signal }),
      undefined,
      new Map(),
    );
    const document = { isHeld, path, replicas, moving, ...state };
    const last = state.log.at(-1)?.says ?? 'not begun';
    io.stdout.write(
      io.options['json'] === true
        ? `${JSON.stringify(document, undefined, 2)}\n`
        : `${state.cluster}: going ${state.direction}, ${replicas.done} of ${replicas.all} replicas copied, ${moving} move; ${isHeld ? `process ${state.holder?.pid} is at work` : 'no process is at work'}; last: ${last}\n`,
    );
    return exitCodes.answered;
  }
  if (isHeld && control !== 'resume') {
    await writeRequest(path, control === 'abort' ? 'abort' : 'pause');
    io.stderr.write(
      `process ${state.holder?.pid} is asked to ${control === 'abort' ? 'go back' : 'stop after its wave'}; --status shows how far it is\n`,
    );
    return exitCodes.answered;
  }
  if (!isHeld && control === 'pause') {
    io.stderr.write('no process is at work: nothing is begun until --resume or --abort\n');
    return exitCodes.answered;
  }
  await clearRequest(path);
  const executed = await continueChange(io, changes, { path, config }, control === 'abort' ? 'back' : 'on');
  const { outcome, kept } = executed;
  io.stdout.write(
    io.options['json'] === true
      ? `${JSON.stringify({ schemaVersion: 1, outcome: outcome.kind, startedAt: state.startedAt, state: kept, checks: executed.state.checks, log: executed.state.log }, undefined, 2)}\n`
      : executedText(executed),
  );
  return exitOf(executed);
}
