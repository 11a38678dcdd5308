// Waits until a wave may start: its brokers are up and its partitions have enough in-sync replicas.

import { AppError } from '../../../core/errors.ts';
import { seconds } from '../../../core/units.ts';
import { byPartition, partitionKey } from '../live/broker-load.ts';
import { inSyncState } from '../live/in-sync-state.ts';
import { namesOf } from '../live/live-findings.ts';
import { look } from './look.ts';
import type { Move } from './next-wave.ts';
import { waiting, type Run } from './run.ts';
import { goneFor } from './watch-wave.ts';

const tick = seconds(1);
/** In-sync replicas may be below the minimum for a moment when a follower restarts. */
const holdFor = seconds(60);

/** A wave waits until its brokers are there and no partition of it would be left with too few copies. @throws AppError when they stay away */
export async function mayBegin(run: Run, wave: readonly Move[]): Promise<boolean> {
  const { clock, signal, state } = run;
  const begun = clock.monotonic();
  for (;;) {
    const { metadata, alive } = await look(run);
    const needed = [...new Set(wave.flatMap(({ to }) => to ?? []))];
    const away = needed.filter((id) => !alive.has(id));
    const own = byPartition(metadata);
    const headless = wave.filter((move) => own.get(partitionKey(move))?.leader === undefined);
    // A rollback gives up the replicas of the new brokers, which may be the ones that died.
    const isGone = (broker: number) =>
      state.direction === 'forward' ? state.facts.leaving.includes(broker) : !alive.has(broker);
    const states = Map.groupBy(wave, (move) => {
      const { replicas = [], inSyncReplicas = [] } = own.get(partitionKey(move)) ?? {};
      const minimum = state.facts.minInSync?.[move.topic] ?? 1;
      return inSyncState({ replicas, inSyncReplicas }, move.replicas, { minimum, isGone });
    });
    const narrow = [...(states.get('too-few') ?? []), ...(states.get('too-few-after') ?? [])];
    if (away.length === 0 && headless.length === 0 && narrow.length === 0) return true;
    const reason =
      away.length > 0
        ? `brokers not in the cluster: ${away.join(', ')}`
        : headless.length > 0
          ? `partitions without a leader: ${namesOf(headless)}`
          : `partitions with fewer in-sync replicas than min.insync.replicas now or after the move: ${namesOf(narrow)}`;
    const waited = clock.monotonic() - begun;
    if (waited > (away.length > 0 ? goneFor : holdFor))
      throw new AppError('broker-unreachable', `${reason} (after ${Math.round(waited)} s of waiting)`);
    if ((await run.request()) !== undefined) return false;
    waiting(run, reason);
    await clock.sleep(tick, { signal });
  }
}
