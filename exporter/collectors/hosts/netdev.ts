// Exports traffic counters of each network interface.

import type { HostReading, NetworkDevice } from '../../../core/documents/evidence/host-reading.ts';
import { cardCounters, unhandledPackets } from '../../../hosts/node-exporter/names.ts';
import { type HostCollector, known, labelled, type Measurement } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { counter } = labelled('device');
const packets = (help: string) => counter(help, { unit: 'packets' });

export const netdev = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/net/dev, and /sys/class/net for unhandled packets',
  cost: '1 read',
  metrics: {
    node_network_receive_bytes_total: counter(
      'Bytes received, with Ethernet headers, without preamble, checksum and gap.',
    ),
    node_network_receive_packets_total: packets('Packets received.'),
    node_network_receive_errs_total: packets('Packets received with an error.'),
    node_network_receive_drop_total: packets('Received packets that were dropped.'),
    node_network_receive_fifo_total: packets('Received packets lost because the receive ring was full.'),
    node_network_receive_frame_total: packets('Packets received with a wrong length, checksum or alignment.'),
    node_network_receive_compressed_total: packets('Compressed packets received.'),
    node_network_receive_multicast_total: packets('Multicast packets received.'),
    node_network_receive_nohandler_total: packets('Received packets of unknown protocols.'),
    node_network_transmit_bytes_total: counter(
      'Bytes sent, with Ethernet headers, without preamble, checksum and gap.',
    ),
    node_network_transmit_packets_total: packets('Packets sent.'),
    node_network_transmit_errs_total: packets('Packets not sent because of errors.'),
    node_network_transmit_drop_total: packets('Packets dropped before sending.'),
    node_network_transmit_fifo_total: packets('Transmit errors of the ring of the card.'),
    node_network_transmit_colls_total: packets('Collisions while sending.'),
    node_network_transmit_carrier_total: packets('Packets not sent because the carrier was lost.'),
    node_network_transmit_compressed_total: packets('Compressed packets sent.'),
  },

  collect: ({ reading: { networkDevices, links } }) =>
    ifRead(networkDevices, 'the network counters could not be read', (cards) => countersOf(cards, links)),
} satisfies HostCollector;

function* countersOf(cards: readonly NetworkDevice[], links: HostReading['links'] = []): Iterable<Measurement> {
  for (const { device, ...card } of cards) {
    for (const [name, metric] of Object.entries(cardCounters)) {
      yield* known(metric, [device], card[name as keyof typeof cardCounters]);
    }
    const unhandled = links.find((link) => link.device === device)?.numbers['statistics/rx_nohandler'];
    yield* known(unhandledPackets, [device], unhandled);
  }
}
