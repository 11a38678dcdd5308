// Finds the current or next promotion from config and operator entries.

import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import { SetPromotion, spanOfLocal, type Promotion } from '../../app/config/promotion.ts';

export interface PromotionWindow {
  name: string;
  fromMs: number;
  /** Exclusive. */
  toMs: number;
}

export const windowOf = (promotion: Promotion): PromotionWindow => ({
  name: promotion.name,
  ...spanOfLocal(promotion),
});

/** @returns undefined for an entry that sets no promotion */
export function promotionSet(entry: HistoryEntry): Promotion | undefined {
  if (entry.kind !== 'change' || entry.document.what !== 'promotion-set') return undefined;
  return SetPromotion.safeParse(parseJson(entry.document.after ?? '')).data;
}

/** @param set by operators, oldest first. @returns each occurrence of each promotion, in chronological order */
export const promotionsInForce = (configured: readonly Promotion[], set: readonly Promotion[]): PromotionWindow[] =>
  promotionCalendar(configured, set)
    .map(windowOf)
    .toSorted((a, b) => a.fromMs - b.fromMs);

/** A promotion set nearer than this to one of the same name is its new time; otherwise it is another occurrence. */
export const apartMs = 180 * 86_400_000;

/** @returns all promotions, including past ones, from which a forecast learns; one that was set moves the nearest of its name */
export function promotionCalendar(configured: readonly Promotion[], set: readonly Promotion[]): Promotion[] {
  const timeOf = ({ from }: Promotion) => Date.parse(`${from}Z`);
  const calendar = [...configured];
  for (const promotion of set) {
    const distanceTo = (each: Promotion) => Math.abs(timeOf(each) - timeOf(promotion));
    const [nearest] = calendar
      .filter((each) => each.name === promotion.name && distanceTo(each) < apartMs)
      .toSorted((a, b) => distanceTo(a) - distanceTo(b));
    if (nearest === undefined) calendar.push(promotion);
    // Operators set no lead and tail, so those of the config stay.
    else calendar[calendar.indexOf(nearest)] = { ...nearest, ...promotion };
  }
  return calendar;
}

/** @returns the current promotion that ends first, otherwise the next one */
export function promotionAt(windows: readonly PromotionWindow[], nowMs: number): PromotionWindow | undefined {
  const on = windows.filter(({ fromMs, toMs }) => fromMs <= nowMs && nowMs < toMs);
  if (on.length > 0) return on.reduce((first, each) => (each.toMs < first.toMs ? each : first));
  return windows.find(({ fromMs }) => fromMs > nowMs);
}
