// How does a change stop in the middle, so that it can go on or back? Settings are given back, and it is said where it stands.

import { AppError } from '../../../core/errors.ts';
import { giveBack } from './borrowed-settings.ts';
import { look, progressOf } from './look.ts';
import { note, type Run } from './run.ts';

/** Requests that tidy up after a stop may take so long. */
const tidyMs = 20_000;

/** @returns the fault to throw; what could not be given back is in its words, and in the state */
export async function stopped(run: Run, reason: string, cause: AppError): Promise<AppError> {
  const signal = AbortSignal.timeout(tidyMs);
  const left = await giveBack(run, 'throttle', signal).catch(() => [
    `throttles: not asked, the cluster does not answer`,
  ]);
  left.push(...(await giveBack(run, 'retention', signal).catch(() => ['retention: not asked'])));
  delete run.state.holder;
  const where = await standing(run, signal);
  await note(run, `stopped: ${reason}`).catch(() => undefined);
  const throttles = left.length === 0 ? '' : ` Left behind: ${left.join('; ')}.`;
  return new AppError('change-stopped', `the change stopped: ${reason}. ${where}${throttles}`, {
    cause,
    hint: 'mend that, then go on with --resume or back with --abort',
  });
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
