// Provides the load and alerts of the promotion in support/capacity-report-inputs.ts.

import { makeReport } from '../../analyzer/review/capacity-report/make-report.ts';
import type { ReviewInputs } from '../../analyzer/review/review-promotion.ts';
import { PromotionLog } from '../../core/documents/promotion-review.ts';
import { inputs } from './capacity-report-inputs.ts';

const peakAt = Date.parse('2026-11-11T00:00:00Z');
const minute = 60_000;

/** Orders: safe at 25,000 to 27,000, peak expected at 42,000 (36,000 to 50,000). */
export const ordersLoad = Array.from({ length: 180 }, (_, index) => ({
  timeMs: peakAt + (index - 60) * minute,
  value: index < 60 || index >= 120 ? 20_000 : index < 105 ? 40_000 : 30_000,
}));

export const happened: ReviewInputs = {
  report: makeReport(inputs),
  sha256: 'd'.repeat(64),
  promotion: { fromMs: Date.parse('2026-11-01T00:00:00Z'), toMs: Date.parse('2026-11-12T23:59:59Z') },
  histories: [{ domain: 'orders', readings: ordersLoad }],
  happenings: PromotionLog.parse({
    troubles: [
      {
        domain: 'orders',
        from: '2026-11-11T00:10:00Z',
        to: '2026-11-11T00:50:00Z',
        what: 'consumers 4 minutes behind',
      },
    ],
    alerts: [
      {
        name: 'ClusterAboveSafeMax',
        severity: 'critical',
        domain: 'orders',
        from: '2026-11-10T23:50:00Z',
        to: '2026-11-11T01:00:00Z',
      },
      { name: 'BrokerDown', severity: 'critical', from: '2026-11-05T03:00:00Z', to: '2026-11-05T03:10:00Z' },
      { name: 'HeadroomLow', severity: 'warning', from: '2026-11-05T03:00:00Z', to: '2026-11-05T03:10:00Z' },
    ],
    levers: [
      { domain: 'orders', lever: 'quota', at: '2026-11-11T00:45:00Z', predictedTps: 8000 },
      { domain: 'orders', lever: 'retention', at: '2026-11-10T23:30:00Z' },
      { domain: 'finance', lever: 'leader-move', at: '2026-11-11T00:15:00Z' },
    ],
  }),
};
