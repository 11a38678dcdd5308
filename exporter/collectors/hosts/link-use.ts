// Exports the utilization of each network interface relative to its real capacity.

import { directions, wireBytesBetween } from '../../../core/wire/ethernet.ts';
import { linkCapacities, type LinkCapacity } from '../../../hosts/link-capacity.ts';
import { ok, type HostCollector, labelled, type Measurement } from '../../collector.ts';
import type { HostReading } from '../../../core/documents/evidence/host-reading.ts';

const { gauge } = labelled('device', 'direction');

export const linkUse = {
  of: 'host',
  source: '/proc/net/dev, and the speed config states or a real card reports; bonds and VLANs by the cards below them',
  cost: 'none beside netdev and netclass',
  metrics: {
    plimsoll_host_link_speed_bytes: gauge(
      'Capacity of the network card in one direction, bytes per second; absent where unknown, as for most virtual cards.',
    ),
    plimsoll_host_link_utilisation_ratio: gauge(
      'Used share of that speed since the last scrape at least 5 s ago, including 24 bytes per frame that counters do not show.',
    ),
  },

  collect({ reading, inventory, before }) {
    if (reading.networkDevices === undefined) {
      return { kind: 'no-data', reason: 'the network counters could not be read' };
    }
    const capacities = linkCapacities(inventory, reading);
    const speeds = [...capacities].flatMap(([device, capacity]) =>
      directions.flatMap((direction): Measurement[] => {
        const bitsPerSecond = capacity[direction];
        if (bitsPerSecond === undefined) return [];
        return [{ metric: 'plimsoll_host_link_speed_bytes', labels: [device, direction], value: bitsPerSecond / 8 }];
      }),
    );
    const uses = before === undefined ? [] : useBetween(before, reading, capacities);
    const ratios = uses.map(({ device, direction, ratio }) => ({
      metric: 'plimsoll_host_link_utilisation_ratio',
      labels: [device, direction],
      value: ratio,
    }));
    return ok([...speeds, ...ratios]);
  },
} satisfies HostCollector;

/** @returns no entry for a card that is new, was reset, or has unknown capacity */
export function useBetween(before: HostReading, after: HostReading, capacities: ReadonlyMap<string, LinkCapacity>) {
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
