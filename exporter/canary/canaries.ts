// Runs the canaries of all clusters concurrently and independently of each other.

import { createCanary, type CanaryOptions, type CanaryState } from '../../brokers/canary/canary.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { ignoreFault } from '../../core/errors.ts';
import { createCanaryMetrics } from './canary-metrics.ts';

export type Canaries = ReturnType<typeof createCanaries>;

export type CanaryCluster = Pick<CanaryOptions, 'cluster' | 'config' | 'open' | 'isOurs' | 'only'>;

export function createCanaries(clusters: readonly CanaryCluster[], io: { clock: Clock; log: Logger }) {
  const metrics = createCanaryMetrics();
  const resting = new AbortController();
  const canaries = clusters.map((each) => createCanary({ ...each, ...io, record: metrics.of(each.cluster) }));
  let running: Promise<unknown> = Promise.resolve();
  return {
    /** Called once. Disposal stops them permanently. */
    start() {
      running = Promise.all(canaries.map((canary) => canary.run({ signal: resting.signal })));
      // Only a defect of Plimsoll ends a canary.
      running.catch((err: unknown) => io.log.error({ err }, 'a canary ended'));
    },
    states: (): readonly CanaryState[] => canaries.map((canary) => canary.state()),
    /** From memory, without requests to brokers. */
    families: metrics.families,
    async [Symbol.asyncDispose]() {
      resting.abort(new Error('the canary is closed'));
      await running.catch(ignoreFault('logged when it failed'));
    },
  };
}
