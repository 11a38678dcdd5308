// Runs the canaries of all clusters concurrently and independently of each other.

import { createCanary, type CanaryOptions, type CanaryState } from '../../brokers/canary/canary.ts';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { ignoreFault } from '../../core/ignore-fault.ts';
import type { FamilySource } from '../prom-client-families.ts';
import { createCanaryMetrics } from './canary-metrics.ts';

export interface Canaries extends AsyncDisposable {
  /** Once. Disposed, they rest for good. */
  start(): void;
  states(): readonly CanaryState[];
  /** From memory: no broker is asked. */
  families: FamilySource;
}

export type CanaryCluster = Pick<CanaryOptions, 'cluster' | 'config' | 'open' | 'isOurs' | 'only'>;

export function createCanaries(clusters: readonly CanaryCluster[], io: { clock: Clock; log: Logger }): Canaries {
  const metrics = createCanaryMetrics();
  const resting = new AbortController();
  const canaries = clusters.map((each) => createCanary({ ...each, ...io, record: metrics.of(each.cluster) }));
  let running: Promise<unknown> = Promise.resolve();
  return {
    start() {
      running = Promise.all(canaries.map((canary) => canary.run({ signal: resting.signal })));
      // None ends by itself but by a defect of ours.
      running.catch((err: unknown) => io.log.error({ err }, 'a canary ended'));
    },
    states: () => canaries.map((canary) => canary.state()),
    families: metrics.families,
    async [Symbol.asyncDispose]() {
      resting.abort(new Error('the canary is closed'));
      await running.catch(ignoreFault('logged when it failed'));
    },
  };
}
