// Reads the load per minute and the fired alerts of a promotion from Prometheus.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Reading } from '../forecast/history.ts';
import type { PrometheusTelemetry } from '../evidence/sources/config.ts';
import {
  conversationWith,
  incompleteReason,
  queryRange,
  refused,
  type RangeSeries,
} from '../evidence/sources/range-query.ts';
import { isWithin, type Span } from './domain-record.ts';
import type { PromotionAlert } from './score-alerts.ts';
import { defined } from '../../core/defined.ts';

/** Evaluation interval of alerts. Two weeks are 20,160 points. */
const gridSeconds = 60;
const mostAlerts = 2000;
/** Shorter gaps do not split an alert. */
const joinsSeconds = 300;

/** Scopes of alerts that affect users: capacity alerts are scored separately, and host alerts may not affect users. */
const troubling = new Set(['cluster', 'broker', 'lag']);

export const isTrouble = ({ severity, scope }: FiredAlert): boolean =>
  severity === 'critical' && troubling.has(scope ?? '');

/** From the first to the last minute it fired in. */
export type FiredAlert = PromotionAlert & { scope?: string; cluster?: string };

export function openPromotionMetrics(
  source: PrometheusTelemetry,
  promotion: Span,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
) {
  const talk = conversationWith(source, { clock, signal });
  const firstEnd = Math.floor(promotion.fromMs / 1000);
  const points = Math.max(1, Math.floor((promotion.toMs - promotion.fromMs) / 1000 / gridSeconds) + 1);
  const grid = { firstEnd, gridSeconds, points };
  /** Missing data is unknown, not idle time. */
  const readWhole = async (expression: string, expectedSeries: number) => {
    const answer = await queryRange(talk, expression, grid, expectedSeries);
    const incomplete = incompleteReason(answer);
    if (incomplete !== undefined) throw refused(talk, expression, incomplete);
    return answer.series;
  };
  return {
    /** @throws AppError source-empty for no series or several, prometheus-refused, credentials-refused */
    async load(expression: string): Promise<Reading[]> {
      const series = await readWhole(expression, 1);
      const [only, ...others] = series;
      if (only === undefined) {
        const [from, to] = [promotion.fromMs, promotion.toMs].map((timeMs) => new Date(timeMs).toISOString());
        throw new AppError('source-empty', `${source.url} returned no series for ${expression} from ${from} to ${to}`, {
          hint: 'check metric name and labels in the Prometheus web page over these days, that it was scraped then, and how long the Prometheus keeps metrics',
        });
      }
      if (others.length > 0) {
        throw new AppError(
          'source-empty',
          `${source.url} returned ${series.length} series for ${expression}, but a review needs one`,
          { hint: 'wrap it in sum(), or select one series by its labels' },
        );
      }
      return Array.from(only.values, (value, index) => ({ timeMs: momentOf(promotion, index), value })).filter(
        ({ timeMs, value }) => Number.isFinite(value) && value >= 0 && isWithin(timeMs, promotion),
      );
    },
    /** @throws AppError prometheus-refused, credentials-refused */
    async alerts(): Promise<FiredAlert[]> {
      const series = await readWhole('ALERTS{alertstate="firing"}', mostAlerts);
      return series.flatMap((each) => firingsOf(each, promotion));
    },
  };
}

const momentOf = ({ fromMs }: Span, index: number) => (Math.floor(fromMs / 1000) + index * gridSeconds) * 1000;

/** ALERTS has a series while the alert fires. */
export function firingsOf({ labels, values }: RangeSeries, promotion: Span): FiredAlert[] {
  const firings: { first: number; last: number }[] = [];
  for (const [index, value] of values.entries()) {
    if (!(value > 0)) continue;
    const last = firings.at(-1);
    if (last !== undefined && (index - last.last) * gridSeconds <= joinsSeconds) last.last = index;
    else firings.push({ first: index, last: index });
  }
  const severity = (['critical', 'warning'] as const).find((each) => each === labels['severity']) ?? 'info';
  const { scope, cluster, domain } = labels;
  return firings.map(({ first, last }) => ({
    name: labels['alertname'] ?? 'unnamed',
    severity,
    ...defined({ scope, cluster, domain }),
    from: new Date(momentOf(promotion, first)).toISOString(),
    to: new Date(momentOf(promotion, last)).toISOString(),
  }));
}
