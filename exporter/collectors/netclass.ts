// Is each network card up, and which speed does it claim?

import type { HostInventory } from '../../core/host-reading.ts';
import type { HostCollector, Measurement } from '../collector.ts';

export const netclass = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/sys/class/net',
  cost: 'a few reads',
  metrics: {
    node_network_up: { type: 'gauge', unit: '1 or 0', help: '1 while the card is up, else 0.', labels: ['device'] },
    node_network_speed_bytes: {
      type: 'gauge',
      help: 'Speed the driver of the card claims, per direction.',
      labels: ['device'],
      differs:
        'an unknown speed (-1) has no series. The speed of a virtual card is what its driver claims, here as there: no capacity',
    },
  },

  collect({ inventory: { links } }) {
    if (links === undefined) return { kind: 'no-data', reason: 'the network cards could not be listed' };
    return { kind: 'ok', measurements: linksOf(links) };
  },
} satisfies HostCollector;

function* linksOf(links: NonNullable<HostInventory['links']>): Iterable<Measurement> {
  for (const { device, isUp, reportedBitsPerSecond } of links) {
    if (isUp !== undefined) yield { metric: 'node_network_up', labels: [device], value: Number(isUp) };
    if (reportedBitsPerSecond !== undefined) {
      yield { metric: 'node_network_speed_bytes', labels: [device], value: reportedBitsPerSecond / 8 };
    }
  }
}
