// Tracks which queue readings advanced since their last commit, including those that an offset reset moved.

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
    /** The position is as it was when the commit was requested: a broker passes over those from before it sent a reading elsewhere. */
    made(reading: QueuePull, { position, sentElsewhere }: CommitPosition): void {
      committed.set(reading, { position, sentElsewhere });
    },
  };
}
