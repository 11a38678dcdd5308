// What has each disk done?

import type { DiskDevice } from '../../core/host-reading.ts';
import type { HostCollector, Measurement } from '../collector.ts';

const labels = ['device'];

export const diskstats = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/diskstats',
  cost: '1 read',
  metrics: {
    node_disk_reads_completed_total: {
      type: 'counter',
      unit: 'reads',
      help: 'Reads the disk has finished.',
      labels,
    },
    node_disk_read_bytes_total: { type: 'counter', help: 'Bytes read from the disk.', labels },
    node_disk_read_time_seconds_total: {
      type: 'counter',
      help: 'Time all finished reads took, added up.',
      labels,
    },
    node_disk_writes_completed_total: {
      type: 'counter',
      unit: 'writes',
      help: 'Writes the disk has finished.',
      labels,
    },
    node_disk_written_bytes_total: { type: 'counter', help: 'Bytes written to the disk.', labels },
    node_disk_write_time_seconds_total: {
      type: 'counter',
      help: 'Time all finished writes took, added up.',
      labels,
    },
    node_disk_io_now: { type: 'gauge', unit: 'reads and writes', help: 'Reads and writes in flight.', labels },
    node_disk_io_time_seconds_total: {
      type: 'counter',
      help: 'Time with at least one read or write in flight.',
      labels,
    },
    node_disk_io_time_weighted_seconds_total: {
      type: 'counter',
      help: 'Time multiplied by the reads and writes in flight: its rate is the mean queue length.',
      labels,
    },
  },

  collect({ reading: { disks } }) {
    if (disks === undefined) return { kind: 'no-data', reason: 'the disk counters could not be read' };
    return { kind: 'ok', measurements: disks.flatMap(countersOf) };
  },
} satisfies HostCollector;

function countersOf(disk: DiskDevice): Measurement[] {
  const { device } = disk;
  return [
    { metric: 'node_disk_reads_completed_total', labels: [device], value: disk.readsCompleted },
    { metric: 'node_disk_read_bytes_total', labels: [device], value: disk.readBytes },
    { metric: 'node_disk_read_time_seconds_total', labels: [device], value: disk.readTimeSeconds },
    { metric: 'node_disk_writes_completed_total', labels: [device], value: disk.writesCompleted },
    { metric: 'node_disk_written_bytes_total', labels: [device], value: disk.writtenBytes },
    { metric: 'node_disk_write_time_seconds_total', labels: [device], value: disk.writeTimeSeconds },
    { metric: 'node_disk_io_now', labels: [device], value: disk.ioNow },
    { metric: 'node_disk_io_time_seconds_total', labels: [device], value: disk.ioTimeSeconds },
    { metric: 'node_disk_io_time_weighted_seconds_total', labels: [device], value: disk.ioTimeWeightedSeconds },
  ];
}
