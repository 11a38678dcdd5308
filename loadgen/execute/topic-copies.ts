// Waits until slaves have copied the new topics, so that the topics survive the loss of a master.

import type { ClusterAdmin, Io } from '../../brokers/driver.ts';
import { systemClock, type Clock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';
import type { RunProgress } from '../record/progress.ts';

interface CopyTools {
  admin: Pick<ClusterAdmin, 'slavesWithout'>;
  onProgress(progress: RunProgress): void;
  clock?: Clock;
}

const pause = seconds(0.5);
/** RocketMQ 4.9 and 5.x: a slave polls its master every 10 s (SlaveSynchronize): wait for three periods. */
const patience = seconds(30);

/** Returns at once if brokers have no slaves. If a slave lacks the topics, reports it and lets the run continue. */
export async function awaitCopies(
  topics: readonly string[],
  { admin, onProgress, clock = systemClock }: CopyTools,
  io: Io,
): Promise<void> {
  if (admin.slavesWithout === undefined) return;
  const deadline = clock.monotonic() + patience;
  let isReported = false;
  let left = topics;
  for (;;) {
    const lacking: string[] = [];
    const slaves = new Set<string>();
    for (const topic of left) {
      const without = await admin.slavesWithout(topic, io);
      for (const slave of without) slaves.add(slave);
      if (without.length > 0) lacking.push(topic);
    }
    if (lacking.length === 0) return;
    if (clock.monotonic() >= deadline) return onProgress({ kind: 'not-copied', topics: lacking, slaves: [...slaves] });
    if (!isReported) onProgress({ kind: 'awaits-copies', topics: lacking, slaves: [...slaves] });
    isReported = true;
    left = lacking;
    await clock.sleep(pause, io);
  }
}
