// What has each network card carried?

import type { NetworkDevice } from '../../core/host-reading.ts';
import type { HostCollector, Measurement, MetricDefinition } from '../collector.ts';

const counter = (help: string): MetricDefinition => ({ type: 'counter', help, labels: ['device'] });
const packets = (help: string): MetricDefinition => ({ ...counter(help), unit: 'packets' });

export const netdev = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/net/dev',
  cost: '1 read',
  metrics: {
    node_network_receive_bytes_total: counter(
      'Bytes received, with Ethernet headers, without preamble, checksum and gap.',
    ),
    node_network_receive_packets_total: packets('Packets received.'),
    node_network_receive_errs_total: packets('Packets received with an error.'),
    node_network_receive_drop_total: packets('Packets received and dropped before anybody read them.'),
    node_network_transmit_bytes_total: counter(
      'Bytes sent, with Ethernet headers, without preamble, checksum and gap.',
    ),
    node_network_transmit_packets_total: packets('Packets sent.'),
    node_network_transmit_errs_total: packets('Packets that could not be sent for an error.'),
    node_network_transmit_drop_total: packets('Packets dropped instead of sent.'),
  },

  collect({ reading: { networkDevices } }) {
    if (networkDevices === undefined) return { kind: 'no-data', reason: 'the network counters could not be read' };
    return { kind: 'ok', measurements: networkDevices.flatMap(countersOf) };
  },
} satisfies HostCollector;

function countersOf(card: NetworkDevice): Measurement[] {
  const { device } = card;
  return [
    { metric: 'node_network_receive_bytes_total', labels: [device], value: card.receiveBytes },
    { metric: 'node_network_receive_packets_total', labels: [device], value: card.receivePackets },
    { metric: 'node_network_receive_errs_total', labels: [device], value: card.receiveErrors },
    { metric: 'node_network_receive_drop_total', labels: [device], value: card.receiveDrops },
    { metric: 'node_network_transmit_bytes_total', labels: [device], value: card.transmitBytes },
    { metric: 'node_network_transmit_packets_total', labels: [device], value: card.transmitPackets },
    { metric: 'node_network_transmit_errs_total', labels: [device], value: card.transmitErrors },
    { metric: 'node_network_transmit_drop_total', labels: [device], value: card.transmitDrops },
  ];
}
