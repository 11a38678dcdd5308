// Makes the inputs of a capacity report whose domains have proven rates and a forecast.

import type { ReportInputs } from '../../analyzer/review/capacity-report/report-inputs.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { goCase, proven } from './go-case.ts';

/** The days until the peak, at this mean. */
export const quietDays = (value: number) => ({
  points: [{ time: '2026-01-01T00:00:00.000Z', value }],
  span: { from: '2026-01-01T00:00:00.000Z', to: '2026-01-05T00:00:00.000Z', stepMs: 3_600_000, timezone: 'UTC' },
});

export const goInputs = (domains: Readonly<Record<string, { tps: number; analysis?: Analysis }>>): ReportInputs => ({
  promotion: { name: 'Sale' },
  asOf: goCase.asOf,
  expires: '2026-04-01',
  confirmationSeconds: goCase.confirmationSeconds,
  achievedShare: goCase.achievedShare,
  messageSizeShare: goCase.messageSizeShare,
  lifetimeSeconds: goCase.lifetimeSeconds,
  analyses: Object.entries(domains).map(([domain, { analysis = proven.analysis }]) => ({
    domain,
    analysis,
    source: { id: `analysis ${domain}`, kind: 'analysis', name: 'verdict.json', domain, sha256: '' },
  })),
  forecasts: Object.entries(domains).map(([domain, { tps }]) => ({
    domain,
    forecast: {
      peak: { value: 0.9 * tps, low: 0.8 * tps, high: tps, highestPointAt: '2026-01-03T12:00:00.000Z' },
      ...quietDays(0.1 * tps),
      ofPromotion: ['2026-01-03T12:00:00.000Z'],
    },
    source: { id: `forecast ${domain}`, kind: 'forecast', name: 'ahead.json', domain, sha256: '' },
  })),
  settings: Object.keys(domains).flatMap((domain) =>
    goCase.settings.map((known) => ({
      domain,
      known,
      source: { id: `settings ${domain}`, kind: 'settings' as const, name: 'now.json', domain, sha256: '' },
    })),
  ),
  messageBytes: Object.fromEntries(Object.keys(domains).map((domain) => [domain, 1000])),
});
