// Spaces leader elections so that few writes wait for one.

import { writeLatencyPolicy } from '../../../core/policy/write-latency.ts';
import { seconds } from '../../../core/units.ts';
import { partitionKey } from '../live/broker-load.ts';
import { waiting, type Run } from './run.ts';

interface MovedPartition {
  topic: string;
  partition: number;
}

/**
 * When a move ends or a leader changes, writes to the partition with acks=all may wait for replica.fetch.backoff.ms (docs/reassignment.md).
 * A hand-over therefore delays its partition's share of all writes for so long.
 */
export function handOversOf({ state, clock }: Pick<Run, 'state' | 'clock'>) {
  const { waitSeconds, share } = state.facts.handOvers ?? { waitSeconds: 0, share: 1 };
  let shares: ReadonlyMap<string, number> | undefined;
  let dueAt = -Infinity;
  const delay = (place: MovedPartition) => waitSeconds * (shares?.get(partitionKey(place)) ?? 0);
  return {
    /** @param written bytes per second that producers send, by `topic-partition` */
    learn(written: ReadonlyMap<string, number>): void {
      const all = [...written.values()].reduce((sum, rate) => sum + rate, 0);
      shares = new Map([...written].map(([key, rate]) => [key, all === 0 ? 0 : rate / all]));
    },
    knows: () => shares !== undefined || waitSeconds === 0,
    /** @returns the first of these that may be handed over at the same time; one at least */
    first<Each extends MovedPartition>(wanted: readonly Each[]): readonly Each[] {
      const most = share * writeLatencyPolicy.windowSeconds.value;
      let sum = 0;
      const over = wanted.findIndex((each) => {
        sum += delay(each);
        return sum > most;
      });
      return over === -1 ? wanted : wanted.slice(0, Math.max(1, over));
    },
    /** They were handed over just now. */
    ended(places: readonly MovedPartition[]): void {
      const delayed = places.reduce((sum, each) => sum + delay(each), 0);
      dueAt = Math.max(dueAt, clock.monotonic()) + delayed / share;
    },
    /** Until the next is due. @returns 0 where nothing has to be waited for */
    due: () => Math.max(0, dueAt - clock.monotonic()),
  };
}

export type HandOvers = ReturnType<typeof handOversOf>;

const tick = seconds(1);
const held = 'hand-overs are spaced so that few writes are delayed';

/** @param isFinal nothing that an operator asks for changes what follows. @returns whether there was something to wait for */
export async function waitForTurn(run: Run, handOvers: HandOvers, isFinal = false): Promise<boolean> {
  if (handOvers.due() === 0) return false;
  while (handOvers.due() > 0) {
    if ((await run.request()) !== undefined && !isFinal) return true;
    waiting(run, held);
    await run.clock.sleep(seconds(Math.min(tick, handOvers.due())), { signal: run.signal });
  }
  return true;
}
