// Builds the charts of a cluster over a past range, from its Prometheus.

import type { PastQuery } from '../../dashboards/web/readings/range-picker.ts';
import type { ReadingsChart, ReadingsContent, SlotValues } from '../../dashboards/web/readings/readings-view.ts';
import type { PastLoads } from '../clusters/past-ranges.ts';
import type { ServedCluster } from '../parts.ts';

export type PastReadings = Omit<ReadingsContent, 'marks' | 'alerts' | 'choice'>;

/** @returns undefined if the cluster has no Prometheus */
export async function pastReadings(
  served: ServedCluster,
  { range, ...past }: NonNullable<PastQuery['past']>,
  loads: PastLoads,
): Promise<PastReadings | undefined> {
  const answer = await loads(served, past);
  if (answer.kind === 'no-source') return undefined;
  const { endMs, slotMs, slots } = past;
  // The end is the start of the slot after the last one.
  const about = { range, level: { slotMs, slots }, nowMs: endMs - 1 };
  if (answer.kind === 'unanswered') return { ...about, charts: [chartOf('load', undefined)], failure: answer.reason };
  const { produced, consumed, queries } = answer.answer;
  return {
    ...about,
    charts: [chartOf('load', produced), ...(consumed === undefined ? [] : [chartOf('consumed', consumed)])],
    queries,
  };
}

const chartOf = (of: 'load' | 'consumed', mean: SlotValues | undefined): ReadingsChart => ({
  of,
  unit: 'rate',
  lines: mean === undefined || mean.every((value) => value === undefined) ? [] : [{ label: 'subject', mean }],
  limits: [],
  notDrawn: 0,
});
