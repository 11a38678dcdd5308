// Returns the change freezes of a config, including those of promotions with the times of the promotions.

import type { Freeze, PromotionFreeze } from '../../ops/change/config.ts';
import type { Config } from './config-file.ts';
import type { Promotion } from './promotion.ts';

const minute = 60_000;

/** Promotions that operators set in the service are not in the config, and cause no freeze. */
export function freezesOf({ changes, service }: Pick<Config, 'changes' | 'service'>): Freeze[] {
  return changes.freezes.flatMap((freeze) =>
    'promotion' in freeze ? service.promotions.filter(isMeant(freeze)).map((each) => around(each, freeze)) : [freeze],
  );
}

const isMeant =
  ({ promotion }: PromotionFreeze) =>
  ({ name }: Promotion) =>
    promotion === '*' || promotion === name;

function around({ from, to, timezone }: Promotion, { reason, clusters, before, after }: PromotionFreeze): Freeze {
  const minutesOf = (local: string, movedBy: number) => (Date.parse(`${local}Z`) + 1000 * movedBy) / minute;
  const localOf = (minutes: number) => new Date(minutes * minute).toISOString().slice(0, 16);
  return {
    reason,
    ...(clusters && { clusters }),
    // A freeze has whole minutes, and covers the promotion, which may begin and end within one.
    from: localOf(Math.floor(minutesOf(from, 0 - before))),
    to: localOf(Math.ceil(minutesOf(to, after))),
    timeZone: timezone,
  };
}
