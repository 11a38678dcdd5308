// Tracks queues that advanced since their last commit, including those that an offset reset moved.

import type { QueuePull } from './queue-pulls.ts';

type CommitPosition = Pick<QueuePull, 'position' | 'sentElsewhere'>;

export function createPendingCommits() {
  const committed = new WeakMap<QueuePull, CommitPosition>();
  return {
    among: (readings: readonly QueuePull[]) =>
      readings.filter((reading) => {
        const last = committed.get(reading);
        return last?.position !== reading.position || last.sentElsewhere !== reading.sentElsewhere;
      }),
    /** Records the position at the time of the request: brokers ignore commits from before a reset. */
    made(reading: QueuePull, { position, sentElsewhere }: CommitPosition): void {
      committed.set(reading, { position, sentElsewhere });
    },
  };
}
