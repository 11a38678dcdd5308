// Restores a shortened retention before it deletes messages that a group has not read.

import { faultOf } from '../../../core/errors.ts';
import { seconds } from '../../../core/units.ts';
import type { UnreadLoss } from '../live/retention-cut.ts';
import { giveBack } from '../../change/borrowed-settings.ts';
import type { ReassignFacts } from './reassign-facts.ts';
import { note, type Run } from './run.ts';

/** Between two checks: a reading of all groups. */
const pause = seconds(15);
/** Of the retention: a group whose next message is older may reach the end of it before the next check. */
const approaching = 0.5;

/** @returns why the retention must not be so short; absent when every group has read what it would delete */
export async function refusalOfCut(
  run: Run,
  cut: { retentionMs: number; topics: readonly string[] },
): Promise<string | undefined> {
  try {
    const [first, ...more] = await run.unread(cut);
    return first && `${lossText(first)}${more.length > 0 ? ` (and ${more.length} more)` : ''}`;
  } catch (cause) {
    return `the lag of groups cannot be read: ${faultOf(cause, run).message}`;
  }
}

/** Everything that waits looks for requests again and again: the retention is checked there, every 15 s at most. */
export function withRetentionGuard(run: Run): Run {
  const { state, clock } = run;
  let checked = -Infinity;
  async function guard(): Promise<void> {
    const cut = state.facts.cutRetention;
    if (cut === undefined || !isShortened(state) || clock.monotonic() - checked < pause) return;
    checked = clock.monotonic();
    const refusal = await refusalOfCut(run, { ...cut, retentionMs: Math.round(approaching * cut.retentionMs) });
    if (refusal !== undefined) await restoreRetention(run, cut, refusal);
  }
  return {
    ...run,
    async request() {
      const request = await run.request();
      await guard();
      return request;
    },
  };
}

export const isShortened = ({ borrowed }: Run['state']): boolean => borrowed.some(({ why }) => why === 'retention');

/** It is not shortened again; what is not restored now is tried again by the next check. */
export async function restoreRetention(
  run: Run,
  cut: NonNullable<ReassignFacts['cutRetention']>,
  refusal: string,
): Promise<void> {
  cut.isDone = true;
  await note(run, `the retention is restored before the end of the change: ${refusal}`);
  for (const reason of await giveBack(run, 'retention', run.signal)) run.tell(`not restored yet: ${reason}`);
}

const lossText = ({ group, topic, messages }: UnreadLoss) =>
  `unread messages of group ${group} in ${topic} that retention is about to delete: ${messages}`;
