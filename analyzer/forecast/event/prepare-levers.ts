// Prepares the remediation actions for the day of an event and computes the gain of each.

import type { PreparedLever } from '../../../core/documents/event-outlook.ts';
import type { LeverKind } from '../../../core/lever.ts';
import type { EventState, PrepareAction } from './prepared.ts';
import { prepareQuota } from './quota.ts';
import { prepareRetention } from './retention.ts';
import { prepareLeaderMove, prepareQueueSpread } from './spread.ts';

const levers = {
  quota: prepareQuota,
  'leader-move': prepareLeaderMove,
  'queue-spread': prepareQueueSpread,
  retention: prepareRetention,
} as const satisfies Record<LeverKind, PrepareAction>;

/** What gains most first; those without a gain after them. */
export function prepareLevers(state: EventState): PreparedLever[] {
  const gainOf = (lever: PreparedLever) => (lever.kind === 'ready' ? lever.gain.high : -1);
  return Object.values(levers)
    .map((prepare) => prepare(state))
    .toSorted((a, b) => gainOf(b) - gainOf(a));
}
