// What has each disk done?

import type { DiskDevice } from '../../core/host-reading.ts';
import type { HostCollector, Measurement } from '../collector.ts';

const labels = ['device'];

export const diskstats = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  metrics: {
    node_disk_reads_completed_total: {
      type: 'counter',
      help: 'The total number of reads completed successfully.',
      labels,
    },
    node_disk_read_bytes_total: { type: 'counter', help: 'The total number of bytes read successfully.', labels },
    node_disk_read_time_seconds_total: {
      type: 'counter',
      help: 'The total number of seconds spent by all reads.',
      labels,
    },
    node_disk_writes_completed_total: {
      type: 'counter',
      help: 'The total number of writes completed successfully.',
      labels,
    },
    node_disk_written_bytes_total: { type: 'counter', help: 'The total number of bytes written successfully.', labels },
    node_disk_write_time_seconds_total: {
      type: 'counter',
      help: 'This is the total number of seconds spent by all writes.',
      labels,
    },
    node_disk_io_now: { type: 'gauge', help: 'The number of I/Os currently in progress.', labels },
    node_disk_io_time_seconds_total: { type: 'counter', help: 'Total seconds spent doing I/Os.', labels },
    node_disk_io_time_weighted_seconds_total: {
      type: 'counter',
      help: 'The weighted # of seconds spent doing I/Os.',
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
