// Computes the utilization of each network card between two readings, from wire bytes and link capacity.

import type { HostReading } from '../core/documents/evidence/host-reading.ts';
import type { LinkCapacity } from './link-capacity.ts';
import { directions, wireBytesBetween } from '../core/wire/ethernet.ts';

/** @returns no entry for a card that is new, was reset, or has unknown capacity */
export function linkUse(before: HostReading, after: HostReading, capacities: ReadonlyMap<string, LinkCapacity>) {
  const seconds = (after.uptimeSeconds ?? 0) - (before.uptimeSeconds ?? 0);
  if (before.uptimeSeconds === undefined || !(seconds > 0)) return [];
  const earlier = new Map(before.networkDevices?.map((card) => [card.device, card]));
  return (after.networkDevices ?? []).flatMap((card) => {
    const old = earlier.get(card.device);
    const capacity = capacities.get(card.device);
    if (old === undefined || capacity === undefined) return [];
    return directions.flatMap((direction) => {
      const bitsPerSecond = capacity[direction];
      const bytes = wireBytesBetween(old, card, direction);
      if (bitsPerSecond === undefined || bytes === undefined) return [];
      // The ratio may slightly exceed 1 if the clocks of the two readings differ.
      return [{ device: card.device, direction, ratio: (bytes * 8) / bitsPerSecond / seconds }];
    });
  });
}
