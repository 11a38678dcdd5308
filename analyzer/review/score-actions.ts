// Scores the actions taken, by the load before and after, and whether the incident ended.

import type { ActionScore, PromotionLog } from '../../core/documents/promotion-review.ts';
import type { DomainRecord } from './domain-record.ts';
import { defined } from '../../core/defined.ts';

/** A quota takes effect within seconds, moved leaders within minutes; consumers need longer to catch up. */
const window = 15 * 60_000;
const enough = 0.5;

export function scoreAction(
  { domain, lever, at, predictedTps }: PromotionLog['levers'][number],
  course: DomainRecord | undefined,
): ActionScore {
  const atMs = Date.parse(at);
  const before = mean(course, atMs - window, atMs);
  const after = mean(course, atMs, atMs + window);
  const change = before === undefined || after === undefined ? undefined : after - before;
  const wrong = course?.troubles.filter(({ fromMs, toMs }) => fromMs <= atMs && toMs >= atMs) ?? [];
  const fell =
    lever === 'quota' && predictedTps !== undefined && change !== undefined && -change >= enough * predictedTps;
  const outcome = (() => {
    if (course === undefined || (course.readings.length === 0 && course.troubles.length === 0)) return 'unknown';
    if (wrong.length === 0) return fell ? 'gained' : 'not-needed';
    return fell || wrong.every(({ toMs }) => toMs <= atMs + window) ? 'gained' : 'less-than-said';
  })();
  return {
    domain,
    lever,
    at,
    ...defined({ predictedTps, loadChangeTps: change }),
    outcome,
  };
}

function mean(course: DomainRecord | undefined, fromMs: number, toMs: number): number | undefined {
  const values = (course?.readings ?? []).filter(({ timeMs }) => timeMs > fromMs && timeMs <= toMs);
  return values.length === 0 ? undefined : values.reduce((sum, { value }) => sum + value, 0) / values.length;
}
