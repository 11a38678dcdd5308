// Extracts disks, file systems, cards and cores from node_exporter samples; omits incomplete devices.

import type {
  Bond,
  DiskDevice,
  FileSystem,
  Link,
  NetworkDevice,
  QueueDiscipline,
  Softnet,
} from '../../core/documents/evidence/host-reading.ts';
import { cardCounters, isWholeCard, linkFigures, linkAttributes, unhandledPackets } from './names.ts';
import { entryOf, isWhole, type SampleIndex, textsOf } from './sample-index.ts';
import type { NetworkCard } from '../nic-speed.ts';
import { defined } from '../../core/defined.ts';

export function disksOf(page: SampleIndex): DiskDevice[] {
  return page.each('node_disk_reads_completed_total', ({ device = '' }, readsCompleted) => {
    const value = (name: string) => page.value(`node_disk_${name}`, { device });
    const counters = {
      readsCompleted,
      readBytes: value('read_bytes_total'),
      readTimeSeconds: value('read_time_seconds_total'),
      writesCompleted: value('writes_completed_total'),
      writtenBytes: value('written_bytes_total'),
      writeTimeSeconds: value('write_time_seconds_total'),
      ioNow: value('io_now'),
      ioTimeSeconds: value('io_time_seconds_total'),
      ioTimeWeightedSeconds: value('io_time_weighted_seconds_total'),
    };
    if (!isWhole(counters)) return [];
    const discards = {
      completed: value('discards_completed_total'),
      merged: value('discards_merged_total'),
      sectors: value('discarded_sectors_total'),
      timeSeconds: value('discard_time_seconds_total'),
    };
    const flushes = {
      completed: value('flush_requests_total'),
      timeSeconds: value('flush_requests_time_seconds_total'),
    };
    const disk: DiskDevice = {
      device,
      ...counters,
      ...defined({ readsMerged: value('reads_merged_total'), writesMerged: value('writes_merged_total') }),
      ...(isWhole(discards) && { discards }),
      ...(isWhole(flushes) && { flushes }),
    };
    return [disk];
  });
}

export function fileSystemsOf(page: SampleIndex): FileSystem[] {
  return page.each('node_filesystem_device_error', (labels, error) => {
    const { device = '', mountpoint = '', fstype = '' } = labels;
    const value = (name: string) => page.value(`node_filesystem_${name}`, { device, mountpoint, fstype });
    const size = {
      totalBytes: value('size_bytes'),
      freeBytes: value('free_bytes'),
      availableBytes: value('avail_bytes'),
      files: value('files'),
      filesFree: value('files_free'),
    };
    return {
      device,
      mountpoint,
      type: fstype,
      isReadOnly: value('readonly') === 1,
      ...(isWhole(size) ? { size } : { error: labels['device_error'] || `its node_exporter says ${error}` }),
    };
  });
}

export function cardsOf(page: SampleIndex): NetworkDevice[] {
  return page.each(cardCounters.receiveBytes, ({ device = '' }) => {
    const counters = Object.fromEntries(
      Object.entries(cardCounters).flatMap(([name, metric]) => entryOf(name, page.value(metric, { device }))),
    );
    return isWholeCard(counters) ? [{ device, ...counters }] : [];
  });
}

/** Value for a name chosen by user space, as for a bridge (include/uapi/linux/netdevice.h, NET_NAME_USER). */
const namedByUser = 3;

/** Default names of interfaces of containers and virtual machines. */
const virtualCard = /^(?:docker|veth|br-|virbr|cni|flannel|cali)/;

/**
 * A page does not show whether a card has a bus device. A bond has members; a VLAN, a veth and a macvlan refer to
 * another interface as their link; user space chooses the name of a bridge and of most other software interfaces.
 */
export function networkCardsOf(page: SampleIndex): NetworkCard[] {
  const links = new Map(linksOf(page).map((link) => [link.device, link]));
  const bonds = new Set(page.each('node_bonding_slaves', ({ master }) => master));
  const isPhysical = ({ device, numbers: { ifindex, iflink, name_assign_type: origin } }: Link) =>
    ifindex !== undefined && ifindex === iflink && origin !== namedByUser && !bonds.has(device);
  return cardsOf(page)
    .filter(({ device }) => !virtualCard.test(device))
    .map(({ device }) => {
      const link = links.get(device);
      return {
        device,
        isPhysical: link !== undefined && isPhysical(link),
        isVirtualFunction: false,
        isDown: link?.words['operstate'] === 'down',
      };
    });
}

/** Reads the samples of the collector `qdisc`, which is off by default. */
export function queuesOf(page: SampleIndex): QueueDiscipline[] {
  return page.each('node_qdisc_backlog', ({ device = '', kind = '' }, backlogBytes) => {
    const [drops, overlimits] = ['node_qdisc_drops_total', 'node_qdisc_overlimits_total'].map((metric) =>
      page.value(metric, { device, kind }),
    );
    return drops === undefined || overlimits === undefined ? [] : [{ device, kind, backlogBytes, drops, overlimits }];
  });
}

export function linksOf(page: SampleIndex): Link[] {
  return page.each('node_network_info', ({ device = '', ...labels }) => {
    const speed = page.value('node_network_speed_bytes', { device });
    const numbers = [...Object.entries(linkFigures), ['statistics/rx_nohandler', unhandledPackets] as const];
    return {
      device,
      words: textsOf(labels, linkAttributes),
      numbers: Object.fromEntries(numbers.flatMap(([file, metric]) => entryOf(file, page.value(metric, { device })))),
      ...(speed !== undefined && speed > 0 && { reportedBitsPerSecond: speed * 8 }),
    };
  });
}

export function bondsOf(page: SampleIndex): Bond[] {
  return page.each('node_bonding_slaves', ({ master = '' }, members) => {
    const membersUp = page.value('node_bonding_active', { master });
    return membersUp === undefined ? [] : [{ device: master, members, membersUp }];
  });
}

export function softnetOf(page: SampleIndex): Softnet[] {
  return page.each('node_softnet_processed_total', ({ cpu = '' }, processed) => {
    const counters = {
      processed,
      dropped: page.value('node_softnet_dropped_total', { cpu }),
      timesSqueezed: page.value('node_softnet_times_squeezed_total', { cpu }),
    };
    return isWhole(counters) ? [{ cpu: Number(cpu), ...counters }] : [];
  });
}
