// Shows who holds the leases of the configured clusters: as one JSON document, and as a table.

import { z } from 'zod';
import type { ClusterConfig } from '../../brokers/config.ts';
import { openLeaseStore } from '../../brokers/open-lease-store.ts';
import { ChangeLease } from '../../core/documents/change-lease.ts';
import type { Clock } from '../../core/clock.ts';
import { faultIn, standingOf } from '../../ops/change/lease-standing.ts';
import { renderTable } from '../../core/text/table.ts';
import { FreezeStatus } from './freeze-status.ts';

const LeaseStatus = z.discriminatedUnion('state', [
  z.strictObject({ cluster: z.string(), state: z.literal('free') }),
  z.strictObject({
    cluster: z.string(),
    state: z.literal('held'),
    lease: ChangeLease,
    heartbeatAgeSeconds: z
      .number()
      .describe('by the clocks of the owner and of this machine; negative where they differ'),
  }),
  z.strictObject({ cluster: z.string(), state: z.literal('unknown'), reason: z.string() }),
]);
export type LeaseStatus = z.infer<typeof LeaseStatus>;

export const LeasesDocument = z.strictObject({
  schemaVersion: z.literal(1),
  leases: z.array(LeaseStatus),
  freezes: z.array(FreezeStatus).optional().describe('of clusters with a freeze that holds now, or is to come'),
});

export async function leaseStatusOf(
  cluster: string,
  config: ClusterConfig,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<LeaseStatus> {
  await using store = openLeaseStore(cluster, config);
  const readings = await store.read({ signal });
  const standing = standingOf(readings);
  if (standing.kind === 'unreadable') {
    return { cluster, state: 'unknown', reason: `${standing.place}: ${standing.reason}` };
  }
  if (standing.kind === 'other') {
    const { holder: lease } = standing;
    const age = (clock.now().getTime() - Date.parse(lease.heartbeatAt)) / 1000;
    return { cluster, state: 'held', lease, heartbeatAgeSeconds: Math.round(10 * age) / 10 };
  }
  const fault = faultIn(readings);
  return fault === undefined ? { cluster, state: 'free' } : { cluster, state: 'unknown', reason: fault.message };
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
