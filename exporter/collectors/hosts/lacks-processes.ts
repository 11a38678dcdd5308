// Distinguishes a host whose processes were not read this time from a source that never has them.

import type { HostReading } from '../../../core/documents/evidence/host-reading.ts';
import type { Collection } from '../../collector.ts';

/** A slow host reports a reason and catches up later; a node_exporter, and a kernel without /proc, have no processes. */
export function lacksProcesses({ unread }: HostReading, reason: string): Collection {
  const late = unread?.['processes'];
  return late === undefined ? { kind: 'unsupported', reason } : { kind: 'no-data', reason: late };
}
