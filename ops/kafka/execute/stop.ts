// Stops a change in the middle so that it can go on or back: borrowed settings are restored, and its state is reported.

import { AppError } from '../../../core/errors.ts';
import { giveBack } from './borrowed-settings.ts';
import { look, progressOf } from './look.ts';
import { note, type Run } from './run.ts';
import { isForeignTo } from './watch-wave.ts';

/** Requests that tidy up after a stop may take so long. */
const tidyMs = 20_000;

/** @returns the fault to throw; what could not be restored is in its words, and in the state */
export async function stopped(
  run: Run,
  reason: string,
  cause: AppError,
  signal = AbortSignal.timeout(tidyMs),
): Promise<AppError> {
  const left: string[] = [];
  for (const why of ['throttle', 'retention'] as const) {
    left.push(...(await giveBack(run, why, signal).catch(() => [`${why}: the cluster does not answer`])));
  }
  delete run.state.holder;
  const where = await standing(run, signal);
  await note(run, `stopped: ${reason}`).catch(() => undefined);
  const throttles = left.length === 0 ? '' : ` Left behind: ${left.join('; ')}.`;
  return new AppError('change-stopped', `the change stopped: ${reason}. ${where}${throttles}`, {
    cause,
    hint: 'mend that, then go on with --resume or back with --abort',
  });
}

/**
 * After Ctrl-C or SIGTERM: replicas of this change that are being copied are cancelled, since their throttle ends with this process.
 *
 * @returns the signal's reason where nothing is left behind, and otherwise what is
 */
export async function interrupted(run: Run): Promise<unknown> {
  const { changes, state } = run;
  const signal = AbortSignal.timeout(tidyMs);
  const reason: unknown = run.signal.reason;
  const words = reason instanceof Error ? reason.message : 'interrupted';
  try {
    const { moving } = await look({ changes, signal });
    const isForeign = isForeignTo(state);
    const ours = moving.filter((each) => !isForeign(each));
    if (ours.length > 0) {
      await changes.reassign(
        ours.map(({ topic, partition }) => ({ topic, partition })),
        { signal },
      );
      await note(run, `${words}: ${ours.length} moves are taken back`);
    }
  } catch (cause) {
    if (!(cause instanceof AppError) && !signal.aborted) throw cause;
    run.tell('moves under way could not be taken back: they go on at the brokers');
  }
  const fault = await stopped(run, words, new AppError('aborted', words, { cause: reason }), signal);
  return state.borrowed.length === 0 ? reason : fault;
}

async function standing(run: Run, signal: AbortSignal): Promise<string> {
  try {
    const view = await look({ changes: run.changes, signal });
    const { replicas } = progressOf(run, view, undefined, new Map());
    const still =
      view.moving.length === 0 ? 'Nothing moves.' : `${view.moving.length} partitions still move at the brokers.`;
    return `${replicas.done} of ${replicas.all} replicas are where they should be. ${still}`;
  } catch {
    return 'The cluster does not say how far it is; moves under way go on at the brokers.';
  }
}
