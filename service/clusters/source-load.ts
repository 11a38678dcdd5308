// Reads the current produce rate from the monitoring system.

import { queryNow } from '../../analyzer/evidence/sources/prometheus-query.ts';
import type { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { LiveCluster } from '../status/cluster-status-of.ts';

/** Same limit at which Prometheus itself stops showing a sample. */
const freshWithinSeconds = 300;

export type SourceLoad = ReturnType<typeof followLoad>;

export function followLoad(source: PrometheusTelemetry, expression: string, clock: Pick<Clock, 'now'>) {
  let last: LiveCluster['traffic'];
  return {
    /** Returns the last known value, however old. */
    last: () => last,
    /** @throws AppError prometheus-refused, credentials-refused, source-empty */
    async read(io: { signal: AbortSignal }): Promise<void> {
      const samples = await queryNow(source, { expression, freshWithinSeconds }, io);
      const [sample, ...others] = samples;
      if (sample === undefined || others.length > 0 || !(sample.value >= 0)) {
        throw new AppError('source-empty', `${source.url} gives ${samples.length} figures for ${expression}`, {
          hint: 'expected one value, 0 or higher: use sum(), or select one series by its labels',
        });
      }
      last = { produceTps: sample.value, at: clock.now(), source: expression };
    },
  };
}
