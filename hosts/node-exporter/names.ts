// Maps metric names of prometheus/node_exporter 1.5 to our field names and the kernel's counter names.

import type { KernelActivity, NetworkDevice } from '../../core/documents/evidence/host-reading.ts';

/** In the order of the columns of /proc/net/dev, because its parser uses this list. */
export const cardCounters = {
  receiveBytes: 'node_network_receive_bytes_total',
  receivePackets: 'node_network_receive_packets_total',
  receiveErrors: 'node_network_receive_errs_total',
  receiveDrops: 'node_network_receive_drop_total',
  receiveFifo: 'node_network_receive_fifo_total',
  receiveFrame: 'node_network_receive_frame_total',
  receiveCompressed: 'node_network_receive_compressed_total',
  receiveMulticast: 'node_network_receive_multicast_total',
  transmitBytes: 'node_network_transmit_bytes_total',
  transmitPackets: 'node_network_transmit_packets_total',
  transmitErrors: 'node_network_transmit_errs_total',
  transmitDrops: 'node_network_transmit_drop_total',
  transmitFifo: 'node_network_transmit_fifo_total',
  transmitCollisions: 'node_network_transmit_colls_total',
  transmitCarrier: 'node_network_transmit_carrier_total',
  transmitCompressed: 'node_network_transmit_compressed_total',
} as const satisfies Record<Exclude<keyof NetworkDevice, 'device'>, string>;

/** Counters that every kernel has; others were added later. */
const sureCounters = Object.keys(cardCounters).filter((name) => /(Bytes|Packets|Errors|Drops)$/.test(name));

export const isWholeCard = (
  counters: Readonly<Record<string, number | undefined>>,
): counters is Omit<NetworkDevice, 'device'> => sureCounters.every((name) => counters[name] !== undefined);

/** Metric names by the file below /sys/class/net/DEVICE. */
export const linkFigures = {
  addr_assign_type: 'node_network_address_assign_type',
  carrier: 'node_network_carrier',
  carrier_changes: 'node_network_carrier_changes_total',
  carrier_up_count: 'node_network_carrier_up_changes_total',
  carrier_down_count: 'node_network_carrier_down_changes_total',
  dev_id: 'node_network_device_id',
  dormant: 'node_network_dormant',
  flags: 'node_network_flags',
  ifindex: 'node_network_iface_id',
  iflink: 'node_network_iface_link',
  link_mode: 'node_network_iface_link_mode',
  mtu: 'node_network_mtu_bytes',
  name_assign_type: 'node_network_name_assign_type',
  netdev_group: 'node_network_net_dev_group',
  tx_queue_len: 'node_network_transmit_queue_length',
  type: 'node_network_protocol_type',
} as const;

/** Metric for statistics/rx_nohandler; node_exporter exports it with the counters of a card. */
export const unhandledPackets = 'node_network_receive_nohandler_total';

export const linkAttributes = ['address', 'broadcast', 'duplex', 'ifalias', 'operstate'] as const;

export const kernelFigures = {
  bootTimeSeconds: 'node_boot_time_seconds',
  interrupts: 'node_intr_total',
  contextSwitches: 'node_context_switches_total',
  forks: 'node_forks_total',
  processesRunning: 'node_procs_running',
  processesBlocked: 'node_procs_blocked',
} as const satisfies Record<keyof KernelActivity, string>;
