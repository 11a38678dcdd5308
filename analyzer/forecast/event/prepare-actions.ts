// Prepares the remediation actions for the day of an event, and computes the gain of each.

import type { PreparedAction } from '../../../core/documents/event-outlook.ts';
import type { ActionKind } from '../../../core/prepared-action.ts';
import type { EventState, PrepareAction } from './prepared.ts';
import { prepareQuota } from './quota.ts';
import { prepareRetention } from './retention.ts';
import { prepareLeaderMove, prepareQueueSpread } from './spread.ts';

const levers = {
  quota: prepareQuota,
  'leader-move': prepareLeaderMove,
  'queue-spread': prepareQueueSpread,
  retention: prepareRetention,
} as const satisfies Record<ActionKind, PrepareAction>;

/** Largest gain first; actions without a gain last. */
export function prepareActions(state: EventState): PreparedAction[] {
  const gainOf = (lever: PreparedAction) => (lever.kind === 'ready' ? lever.gain.high : -1);
  return Object.values(levers)
    .map((prepare) => prepare(state))
    .toSorted((a, b) => gainOf(b) - gainOf(a));
}
