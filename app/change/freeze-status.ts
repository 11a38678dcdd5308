// Shows the active or next freeze of each cluster: as one JSON document, and as a table.

import type { FreezeStatus } from '../../core/documents/change-leases.ts';
import { localText } from '../../core/local-moment.ts';
import type { Freeze } from '../../ops/change/config.ts';
import { currentFreeze, nextFreeze, type FreezeSpan } from '../../ops/change/freeze.ts';
import { renderTable } from '../../core/text/table.ts';

/** @returns undefined if no freeze is active or planned */
export function freezeStatusOf(cluster: string, freezes: readonly Freeze[], now: Date): FreezeStatus | undefined {
  const current = currentFreeze(freezes, cluster, now);
  if (current !== undefined) return statusOf(cluster, 'current', current);
  const next = nextFreeze(freezes, cluster, now);
  return next && statusOf(cluster, 'next', next);
}

const statusOf = (
  cluster: string,
  state: FreezeStatus['state'],
  { freeze, fromMs, toMs }: FreezeSpan,
): FreezeStatus => ({
  cluster,
  state,
  reason: freeze.reason,
  from: new Date(fromMs).toISOString(),
  ...(toMs !== undefined && { until: new Date(toMs).toISOString() }),
  timeZone: freeze.timeZone,
});

export function freezeStatusText(freezes: readonly FreezeStatus[], how: { colours: boolean }): string {
  if (freezes.length === 0) return '';
  const table = renderTable(
    ['CLUSTER', 'FREEZE', 'FROM', 'UNTIL', 'REASON'].map((heading) => ({ heading })),
    freezes.map(({ cluster, state, from, until, timeZone, reason }) => [
      cluster,
      state,
      localText(Date.parse(from), timeZone),
      until === undefined ? 'no end' : localText(Date.parse(until), timeZone),
      reason,
    ]),
    how,
  );
  return `\n${table}`;
}
