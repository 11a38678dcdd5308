// Exports I/O counters of each disk.

import type { DiskDevice, DiskIdentity } from '../../../core/documents/evidence/host-reading.ts';
import { allKnown, type HostCollector, labelled, type Measurement } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { gauge, counter } = labelled('device');
const infoLabels = ['device', 'major', 'minor', 'path', 'wwn', 'model', 'serial', 'revision'] as const;

export const diskstats = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/diskstats, and the database of udev',
  cost: '1 read',
  metrics: {
    node_disk_reads_completed_total: counter('Reads the disk has finished.', 'reads'),
    node_disk_read_bytes_total: counter('Bytes read from the disk.'),
    node_disk_read_time_seconds_total: counter('Total time of all finished reads.'),
    node_disk_writes_completed_total: counter('Writes the disk has finished.', 'writes'),
    node_disk_written_bytes_total: counter('Bytes written to the disk.'),
    node_disk_write_time_seconds_total: counter('Total time of all finished writes.'),
    node_disk_io_now: gauge('Reads and writes in flight.', 'reads and writes'),
    node_disk_io_time_seconds_total: counter('Time with at least one read or write in flight.'),
    node_disk_io_time_weighted_seconds_total: counter(
      'Time multiplied by the reads and writes in flight: its rate is the mean queue length.',
    ),
    node_disk_reads_merged_total: counter('Reads merged with others.', 'reads'),
    node_disk_writes_merged_total: counter('Writes merged with others.', 'writes'),
    node_disk_discards_completed_total: counter('Discards (TRIM) the disk has finished.', 'discards'),
    node_disk_discards_merged_total: counter('Discards merged with others.', 'discards'),
    node_disk_discarded_sectors_total: counter('Sectors of 512 bytes discarded.', 'sectors'),
    node_disk_discard_time_seconds_total: counter('Total time of all finished discards.'),
    node_disk_flush_requests_total: counter('Flushes of its cache the disk has finished.', 'flushes'),
    node_disk_flush_requests_time_seconds_total: counter('Total time of all finished flushes.'),
    node_disk_info: labelled(...infoLabels).gauge('Vendor, model and serial number of the disk; empty without udev.', {
      unit: '1',
    }),
  },

  collect: ({ reading: { disks }, inventory: { diskIdentities = [] } }) =>
    ifRead(disks, 'the disk counters could not be read', (all) => [
      ...all.flatMap(countersOf),
      ...diskIdentities.map(infoOf),
    ]),
} satisfies HostCollector;

function countersOf({ device, discards, flushes, ...disk }: DiskDevice): Measurement[] {
  return allKnown([device], {
    node_disk_reads_completed_total: disk.readsCompleted,
    node_disk_read_bytes_total: disk.readBytes,
    node_disk_read_time_seconds_total: disk.readTimeSeconds,
    node_disk_writes_completed_total: disk.writesCompleted,
    node_disk_written_bytes_total: disk.writtenBytes,
    node_disk_write_time_seconds_total: disk.writeTimeSeconds,
    node_disk_io_now: disk.ioNow,
    node_disk_io_time_seconds_total: disk.ioTimeSeconds,
    node_disk_io_time_weighted_seconds_total: disk.ioTimeWeightedSeconds,
    // Columns that some kernels or recorded runs lack.
    node_disk_reads_merged_total: disk.readsMerged,
    node_disk_writes_merged_total: disk.writesMerged,
    node_disk_discards_completed_total: discards?.completed,
    node_disk_discards_merged_total: discards?.merged,
    node_disk_discarded_sectors_total: discards?.sectors,
    node_disk_discard_time_seconds_total: discards?.timeSeconds,
    node_disk_flush_requests_total: flushes?.completed,
    node_disk_flush_requests_time_seconds_total: flushes?.timeSeconds,
  });
}

function infoOf(disk: DiskIdentity): Measurement {
  return { metric: 'node_disk_info', labels: infoLabels.map((label) => disk[label]), value: 1 };
}
