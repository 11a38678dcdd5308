// Shows who holds the leases of the configured clusters: as one JSON document, and as a table.

import type { ClusterConfig } from '../../brokers/config.ts';
import { openLeaseStore } from '../../brokers/open-by-kind.ts';
import type { LeaseStatus } from '../../core/documents/change-leases.ts';
import type { Clock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { faultIn, ownershipOf } from '../../ops/change/lease-ownership.ts';
import { renderTable } from '../../core/text/table.ts';

export async function leaseStatusOf(
  cluster: string,
  config: ClusterConfig,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<LeaseStatus> {
  await using store = await openLeaseStore(cluster, config);
  const readings = await store.read({ signal });
  const ownership = ownershipOf(readings);
  if (ownership.kind === 'unreadable') {
    return { cluster, state: 'unknown', reason: `${ownership.place}: ${ownership.reason}` };
  }
  if (ownership.kind === 'other') {
    const { holder: lease } = ownership;
    const age = (clock.now().getTime() - Date.parse(lease.heartbeatAt)) / 1000;
    return { cluster, state: 'held', lease, heartbeatAgeSeconds: Math.round(10 * age) / 10 };
  }
  const fault = faultIn(readings);
  if (fault !== undefined) return { cluster, state: 'unknown', reason: fault.message };
  return { cluster, state: 'free', ...defined({ placedBy: ownership.placedBy }) };
}

export function leaseStatusText(leases: readonly LeaseStatus[], how: { colours: boolean }): string {
  const columns = ['CLUSTER', 'LEASE', 'OWNER', 'HOST', 'STARTED', 'LAST HEARTBEAT', 'CHANGE'];
  return renderTable(
    columns.map((heading) => ({ heading })),
    leases.map((each) => {
      if (each.state !== 'held') return [each.cluster, each.state];
      const { owner, host, startedAt, change, subject } = each.lease;
      return [
        each.cluster,
        'held',
        owner,
        host,
        startedAt,
        `${each.heartbeatAgeSeconds} s ago`,
        `${change} of ${subject}`,
      ];
    }),
    how,
  );
}
