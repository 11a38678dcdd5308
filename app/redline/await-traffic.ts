// Waits until live traffic has followed a step, by measured rates rather than a fixed time.

import { rateText } from '../../core/text/quantity-text.ts';
import type { LiveReading } from '../../ops/redline/live-load.ts';
import type { RedlineDriver } from '../../ops/redline/redline-driver.ts';
import type { Interruption } from './step-watch.ts';

/** Producers find new leaders within their first retries; before step 0, connections are opened. */
const settleSeconds = 3;
/** Required share of the planned growth: the rest is variation within a few seconds. */
const followedShare = 0.8;

interface AwaitParts {
  driver: Pick<RedlineDriver, 'broker' | 'following'>;
  /** The next reading. @throws AppError if the lease is lost, or nothing can be read */
  next(): Promise<LiveReading>;
  elapsed(): number;
  /** Event that ends the redline during the wait. */
  look(reading: LiveReading, begun: number): Interruption | undefined;
  progress(line: string): void;
}

/** Expected shares of the broker in the traffic of the cluster, since the total may change. */
export interface ExpectedShare {
  before: number;
  after: number;
  /** The rate that the second one is of today's traffic. */
  ledTps: number;
}

/** @param expected absent before the first step. @returns why the step cannot begin; undefined once traffic has followed */
export async function awaitTraffic(
  { driver, next, elapsed, look, progress }: AwaitParts,
  expected: ExpectedShare | undefined,
): Promise<Interruption | undefined> {
  const begun = elapsed();
  const { broker, following } = driver;
  const readings: LiveReading[] = [];
  for (;;) {
    const reading = await next();
    const waited = elapsed() - begun;
    if (expected === undefined || following === undefined) {
      if (waited < settleSeconds) continue;
      return undefined;
    }
    const found = look(reading, begun);
    if (found !== undefined) return found;
    readings.push(reading);
    const from = readings.findLast(({ atSeconds }) => reading.atSeconds - atSeconds >= following.windowSeconds);
    progress(
      `waiting for producers to find the new queues: ${Math.max(0, Math.ceil(following.mostSeconds - waited))} s left`,
    );
    if (from === undefined) continue;
    const { clusterTps, ledTps } = reading.loadSince(from);
    const own = ledTps[broker.id] ?? 0;
    const share = clusterTps > 0 ? own / clusterTps : 0;
    if (share >= expected.before + followedShare * (expected.after - expected.before)) return undefined;
    if (waited < following.mostSeconds) continue;
    return {
      code: 'not-followed',
      message: `broker ${broker.name} gets ${rateText(own)} ${Math.round(waited)} s after the step instead of the expected ${rateText(expected.ledTps)}: producers do not spread their messages over all queues, or do not refresh their routes`,
    };
  }
}
