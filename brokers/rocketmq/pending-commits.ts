// Tracks which queue readings advanced since their last commit, including those that an offset reset moved.

import type { QueuePull } from './queue-pulls.ts';

type CommitPosition = Pick<QueuePull, 'position' | 'sentElsewhere'>;

interface PendingCommits {
  among(readings: readonly QueuePull[]): readonly QueuePull[];
  /** @param before as it was when the commit was requested: a broker passes over those from before it sent a reading elsewhere */
  made(reading: QueuePull, before: CommitPosition): void;
}

export function createPendingCommits(): PendingCommits {
  const committed = new WeakMap<QueuePull, CommitPosition>();
  return {
    among: (readings) =>
      readings.filter((reading) => {
        const last = committed.get(reading);
        return last?.position !== reading.position || last.sentElsewhere !== reading.sentElsewhere;
      }),
    made(reading, { position, sentElsewhere }) {
      committed.set(reading, { position, sentElsewhere });
    },
  };
}
