// What has each network card carried?

import type { NetworkDevice } from '../../core/host-reading.ts';
import type { HostCollector, Measurement, MetricDefinition } from '../collector.ts';

const statistic = (name: string): MetricDefinition => ({
  type: 'counter',
  help: `Network device statistic ${name}.`,
  labels: ['device'],
});

export const netdev = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  metrics: {
    node_network_receive_bytes_total: statistic('receive_bytes'),
    node_network_receive_packets_total: statistic('receive_packets'),
    node_network_receive_errs_total: statistic('receive_errs'),
    node_network_receive_drop_total: statistic('receive_drop'),
    node_network_transmit_bytes_total: statistic('transmit_bytes'),
    node_network_transmit_packets_total: statistic('transmit_packets'),
    node_network_transmit_errs_total: statistic('transmit_errs'),
    node_network_transmit_drop_total: statistic('transmit_drop'),
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
