// Finds the promotion to rehearse, and the last similar one, whose traffic is replayed.

import { recurrenceOf } from '../../analyzer/forecast/promotions.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import { spanOfLocal, type Promotion } from '../config/promotion.ts';
import { zonedMs } from '../../core/local-moment.ts';

/** The target is the time of the rehearsed promotion; absent if the calendar does not contain it. */
export type ChosenPromotion = ReturnType<typeof choosePromotion>;

/**
 * @param given time of the last one, if the calendar does not contain it: ISO 8601 with a zone
 * @throws AppError usage for invalid times; source-empty for a promotion without history
 */
export function choosePromotion(
  promotions: readonly Promotion[],
  name: string,
  given: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
) {
  const timed = promotions.map((each) => ({ name: each.name, ...spanOfLocal(each) }));
  const own = timed.filter((each) => each.name === name).toSorted((a, b) => a.fromMs - b.fromMs);
  const ahead = own.find(({ toMs }) => toMs > nowMs);
  const target = ahead ?? own.at(-1);
  const known = target && { target: { fromMs: target.fromMs, toMs: target.toMs } };
  if (given.from !== undefined || given.to !== undefined) {
    const [fromMs, toMs] = [momentOf('from', given.from), momentOf('to', given.to)];
    if (toMs <= fromMs) throw new AppError('usage', `--to ${given.to} is not after --from ${given.from}`);
    if (toMs > nowMs)
      throw new AppError('usage', `--to ${given.to} is in the future: only past traffic can be replayed`);
    return { ...known, replayed: { name, fromMs, toMs } };
  }
  const past = timed
    .filter((each) => each.toMs <= nowMs && recurrenceOf(each.name) === recurrenceOf(name))
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .at(-1);
  if (past !== undefined) return { ...known, replayed: past };
  const over = timed.filter(({ toMs }) => toMs <= nowMs).map((each) => each.name);
  const meant = own.length > 0 ? undefined : nearest(name, [...new Set(timed.map((each) => each.name))]);
  throw new AppError(
    'source-empty',
    ahead === undefined
      ? `service.promotions has neither ${JSON.stringify(name)} nor an earlier promotion of this name: there is no traffic to replay`
      : `promotion ${JSON.stringify(name)} begins ${new Date(ahead.fromMs).toISOString()}, and service.promotions has no earlier one of this name: there is no traffic to replay`,
    {
      hint: `${meant === undefined ? '' : `did you mean ${meant}? `}${over.length === 0 ? '' : `past promotions: ${over.join(', ')}; `}add the last one to service.promotions, or give its time: --from 2025-11-10T20:00:00+08:00 --to 2025-11-12T00:00:00+08:00`,
    },
  );
}

function momentOf(option: string, text: string | undefined): number {
  const ms = zonedMs(text ?? '');
  if (!Number.isNaN(ms)) return ms;
  throw new AppError('usage', text === undefined ? `--${option} is missing` : `--${option} ${text} is not a time`, {
    hint: 'write --from 2025-11-10T20:00:00+08:00 --to 2025-11-12T00:00:00+08:00',
  });
}
