// Renders test/golden/metrics-rocketmq.prom from fixed readings.

import { createLogger } from '../../core/log.ts';
import type { LagTimes } from '../../exporter/lag/lag-times.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { inspectorOf, stoppedClock, textOf } from './golden-metrics-page.ts';
import { troubledRocketmqSnapshot } from './rocketmq-snapshot.ts';

/** Time lag is known only for `payments`. */
export const lagOfPayments: LagTimes = {
  of: (_, { topic }) => (topic === 'payments' ? { seconds: 61.5, method: 'store-time', ageSeconds: 0 } : undefined),
  clampedTotal: 1,
  openTransactionSeconds: () => undefined,
};

export async function renderGoldenRocketmqPage(): Promise<string> {
  const page = createMetricsPage({
    clusters: [
      {
        name: 'trade',
        kind: 'rocketmq',
        inspector: inspectorOf(async () => troubledRocketmqSnapshot),
        lagClock: { observe: () => lagOfPayments },
      },
    ],
    hosts: [],
    clock: stoppedClock,
    log: createLogger('silent'),
    metrics: [],
  });
  return textOf(await page.render({ signal: new AbortController().signal }));
}
