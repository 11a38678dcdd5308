// How far are all groups on one broker, by its own reckoning? Request code 317, GET_BROKER_CONSUME_STATS, to a broker.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';
import { consumeStatsOf, type ConsumeStats } from './get-consume-stats.ts';
import { LooseObject, parseLooseObject } from './loose-json.ts';

export interface GroupConsumeStats {
  group: string;
  stats: ConsumeStats[];
}

/*
 * Request fields   isOrder   true or false: groups whose topics are ordered, or the others
 * Response body    {"brokerAddr":string,"consumeStatsList":[{group:[<body of 208>,…]},…],"totalDiff":int64,
 *                   "totalInflightDiff":int64 (5.x)}
 *
 * One request, but the broker walks every group times every offset it holds and looks up store times: for a person's
 * question, not for every collection.
 */

export function encodeGetBrokerConsumeStats({ isOrder = false }: { isOrder?: boolean } = {}): Request {
  return { code: 317, fields: { isOrder: String(isOrder) } };
}

/** @throws AppError broker-refused, answer-unreadable */
export function parseGetBrokerConsumeStats(response: Response): GroupConsumeStats[] {
  const list = parseLooseObject(answered(response, 'consumer statistics of a broker (317)').body).list(
    'consumeStatsList',
  );
  const groups: GroupConsumeStats[] = [];
  for (const entry of list ?? []) {
    if (!(entry instanceof LooseObject)) continue;
    for (const [group] of entry.entries) {
      if (typeof group !== 'string') continue;
      const stats = (entry.list(group) ?? []).filter((one) => one instanceof LooseObject).map(consumeStatsOf);
      groups.push({ group, stats });
    }
  }
  return groups;
}
