// Tracks which queue readings advanced since their last commit, including those that an offset reset moved.

import type { QueueReading } from './queue-readings.ts';

type Place = Pick<QueueReading, 'position' | 'sentElsewhere'>;

export interface OwedCommits {
  among(readings: readonly QueueReading[]): readonly QueueReading[];
  /** @param before as it stood when the commit was asked for: a broker passes over those from before it sent a reading elsewhere */
  made(reading: QueueReading, before: Place): void;
}

export function createOwedCommits(): OwedCommits {
  const committed = new WeakMap<QueueReading, Place>();
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
