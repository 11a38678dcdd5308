// Spaces hand-overs, which are ends of moves and leader changes, so that few writes wait for them.

import { writeLatencyPolicy } from '../../../core/policy/write-latency.ts';
import { seconds } from '../../../core/clock.ts';
import { partitionKey } from '../live/broker-load.ts';
import type { Run } from './run.ts';

interface MovedPartition {
  topic: string;
  partition: number;
}

/**
 * When a move ends or a leader changes, writes to the partition with acks=all may wait for replica.fetch.backoff.ms
 * (docs/changes/reassignment.md). Each such hand-over delays its partition's share of all writes for that time.
 */
export function handOversOf({ journal, clock }: Pick<Run, 'journal' | 'clock'>) {
  const { waitSeconds, share } = journal.facts.handOvers ?? { waitSeconds: 0, share: 1 };
  let shares: ReadonlyMap<string, number> | undefined;
  let dueAt = -Infinity;
  const delay = (place: MovedPartition) => waitSeconds * (shares?.get(partitionKey(place)) ?? 0);
  return {
    /** @param written bytes per second from producers, by `topic-partition` */
    learn(written: ReadonlyMap<string, number>): void {
      const all = [...written.values()].reduce((sum, rate) => sum + rate, 0);
      shares = new Map([...written].map(([key, rate]) => [key, all === 0 ? 0 : rate / all]));
    },
    knows: () => shares !== undefined || waitSeconds === 0,
    /** @returns the first partitions whose hand-overs may happen at the same time; at least one */
    first<Each extends MovedPartition>(wanted: readonly Each[]): readonly Each[] {
      const most = share * writeLatencyPolicy.windowSeconds.value;
      let sum = 0;
      const over = wanted.findIndex((each) => {
        sum += delay(each);
        return sum > most;
      });
      return over === -1 ? wanted : wanted.slice(0, Math.max(1, over));
    },
    /** Call right after the hand-overs of these partitions. */
    ended(places: readonly MovedPartition[]): void {
      const delayed = places.reduce((sum, each) => sum + delay(each), 0);
      dueAt = Math.max(dueAt, clock.monotonic()) + delayed / share;
    },
    /** @returns seconds until the next hand-over is due; 0 if it may start now */
    due: () => Math.max(0, dueAt - clock.monotonic()),
  };
}

export type HandOvers = ReturnType<typeof handOversOf>;

const tick = seconds(1);
const held = 'hand-overs are spaced so that few writes are delayed';

/** @param isFinal requests of an operator do not change what follows. @returns whether it waited */
export async function waitForTurn(run: Run, handOvers: HandOvers, isFinal = false): Promise<boolean> {
  if (handOvers.due() === 0) return false;
  while (handOvers.due() > 0) {
    if ((await run.request()) !== undefined && !isFinal) return true;
    run.progress({ held });
    await run.clock.sleep(seconds(Math.min(tick, handOvers.due())), { signal: run.signal });
  }
  return true;
}
