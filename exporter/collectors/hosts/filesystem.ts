// Exports size and free space of each file system.

import type { FileSystem } from '../../../core/documents/evidence/host-reading.ts';
import { type HostCollector, labelled, type Measurement } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { gauge, flag } = labelled('device', 'mountpoint', 'fstype');

export const filesystem = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source: '/proc/1/mounts and statfs(2)',
  cost: '1 read, and a call for each file system',
  metrics: {
    node_filesystem_size_bytes: gauge('Size of the file system.'),
    node_filesystem_free_bytes: gauge('Free space for root.'),
    node_filesystem_avail_bytes: gauge('Free for other users.'),
    node_filesystem_files: gauge('Inodes of the file system.', 'inodes'),
    node_filesystem_files_free: gauge('Free inodes of the file system.', 'inodes'),
    node_filesystem_readonly: flag('1 if the file system is read-only, else 0.'),
    node_filesystem_device_error: flag(
      '1 if the file system hangs or returned an error, so its sizes are missing, else 0.',
    ),
  },

  collect: ({ reading: { fileSystems } }) =>
    ifRead(fileSystems, 'the mounts could not be read, or stat(1) does not run there', (all) =>
      all.flatMap((each) => [...sizesOf(each)]),
    ),
} satisfies HostCollector;

function* sizesOf({ device, mountpoint, type, isReadOnly, isRefused, size }: FileSystem): Iterable<Measurement> {
  if (isRefused) return;
  const place = [device, mountpoint, type];
  yield { metric: 'node_filesystem_device_error', labels: place, value: Number(size === undefined) };
  if (size === undefined) return;
  yield { metric: 'node_filesystem_readonly', labels: place, value: Number(isReadOnly) };
  yield { metric: 'node_filesystem_size_bytes', labels: place, value: size.totalBytes };
  yield { metric: 'node_filesystem_free_bytes', labels: place, value: size.freeBytes };
  yield { metric: 'node_filesystem_avail_bytes', labels: place, value: size.availableBytes };
  yield { metric: 'node_filesystem_files', labels: place, value: size.files };
  yield { metric: 'node_filesystem_files_free', labels: place, value: size.filesFree };
}
