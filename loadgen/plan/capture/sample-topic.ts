// Samples a live topic with a separate group, which commits nothing and is deleted afterwards.

import type { Io, TrafficDriver } from '../../../brokers/driver.ts';
import { AppError, endOfWait } from '../../../core/errors.ts';
import type { Clock, Seconds } from '../../../core/clock.ts';
import type { TopicSketch } from './topic-sketch.ts';

export interface Sample {
  topic: string;
  group: string;
  /** Start offset; messages stored before the sample have no rates. */
  from: 'start' | 'end';
  mostMessages: number;
  atMost: Seconds;
  /** Called about every second. */
  onProgress: (messages: number, elapsed: number) => void;
}

/**
 * Reads until there are enough messages or time is up, counted from partition assignment.
 * @returns seconds the sample took
 * @throws AppError from the broker
 */
export async function sampleTopic(
  traffic: TrafficDriver,
  sketch: TopicSketch,
  { topic, group, from, mostMessages, atMost, onProgress }: Sample,
  { signal, clock }: Io & { clock: Clock },
): Promise<number> {
  const enough = new AbortController();
  const over = AbortSignal.any([signal, enough.signal]);
  const stop = () => enough.abort(new AppError('aborted', 'the sample is complete'));
  let begun: number | undefined;
  let lastProgress = 0;
  let ended: number | undefined;
  const elapsed = () => (begun === undefined ? 0 : clock.monotonic() - begun);
  await using consumer = await traffic.consumer({ group, topic, from, commits: 'never', withKeys: true });
  const run = consumer.run(
    (batch) => {
      if (over.aborted) return;
      const now = elapsed();
      sketch.add(batch, now);
      if (now >= lastProgress + 1) onProgress(sketch.messages(), (lastProgress = now));
      if (sketch.messages() < mostMessages) return;
      ended = now;
      stop();
    },
    {
      signal: over,
      onAssigned() {
        if (begun !== undefined) return;
        begun = clock.monotonic();
        clock.sleep(atMost, { signal: over }).then(stop, endOfWait);
      },
    },
  );
  await run.catch((error: unknown) => {
    if (!enough.signal.aborted) throw error;
  });
  signal.throwIfAborted();
  return ended ?? Math.min(atMost, elapsed());
}
