// Exports state and properties of each network interface, as its driver reports them.

import type { Link } from '../../../core/documents/evidence/host-reading.ts';
import { linkFigures, linkAttributes } from '../../../hosts/node-exporter/names.ts';
import { type HostCollector, known, labelled, type Measurement } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { gauge, counter, flag } = labelled('device');

export const netclass = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/sys/class/net',
  cost: '24 reads a card',
  metrics: {
    node_network_up: flag('1 while the card is up, else 0.'),
    node_network_info: labelled('device', ...linkAttributes).gauge('Information of the driver about the card.', '1'),
    node_network_speed_bytes: gauge('Speed of the card per direction, as reported by its driver.', {
      differs:
        'an unknown speed (-1) has no series. The speed of a virtual card is what its driver claims, here as there: no capacity',
    }),
    node_network_address_assign_type: gauge('Source of the address: 0 hardware, 1 random, 3 set.', 'type'),
    node_network_carrier: flag('1 while there is a carrier, else 0.'),
    node_network_carrier_changes_total: counter('Changes of the carrier.', 'changes'),
    node_network_carrier_up_changes_total: counter('Times the carrier came up.', 'changes'),
    node_network_carrier_down_changes_total: counter('Times the carrier went down.', 'changes'),
    node_network_device_id: gauge('Distinguishes network cards that share an address.', 'number'),
    node_network_dormant: flag('1 while the card is dormant (waits for another component), else 0.'),
    node_network_flags: gauge('Flags of the card (net_device flags).', 'bits'),
    node_network_iface_id: gauge('Index of the card.', 'number'),
    node_network_iface_link: gauge('Index of the underlying card; its own if there is none.', 'number'),
    node_network_iface_link_mode: gauge('0 for the default, 1 for dormant.', 'mode'),
    node_network_mtu_bytes: gauge('Largest packet of the card (MTU).'),
    node_network_name_assign_type: gauge('Source of the name.', 'type'),
    node_network_net_dev_group: gauge('Group of the card.', 'number'),
    node_network_transmit_queue_length: gauge('Length of the transmit queue.', 'packets'),
    node_network_protocol_type: gauge('ARP protocol type: 1 Ethernet, 772 loopback.', 'type'),
  },

  collect: ({ reading: { links } }) =>
    ifRead(links, 'the network cards could not be listed', (all) => all.flatMap((link) => [...figuresOf(link)])),
} satisfies HostCollector;

function* figuresOf({ device, words, numbers, reportedBitsPerSecond }: Link): Iterable<Measurement> {
  const { operstate } = words;
  if (operstate !== undefined) {
    yield { metric: 'node_network_up', labels: [device], value: Number(operstate === 'up') };
    yield* known('node_network_info', [device, ...linkAttributes.map((word) => words[word] ?? '')], 1);
  }
  if (reportedBitsPerSecond !== undefined) {
    yield { metric: 'node_network_speed_bytes', labels: [device], value: reportedBitsPerSecond / 8 };
  }
  for (const [file, metric] of Object.entries(linkFigures)) yield* known(metric, [device], numbers[file]);
}
