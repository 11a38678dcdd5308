// Returns the state of the fleet: counts by state, and clusters with the least headroom first.

import { z } from 'zod';
import { ClusterStatus, FleetStatus, clusterStates } from '../../../core/documents/cluster-status.ts';
import { operation, schemaVersion } from '../operation.ts';
import { defined } from '../../../core/defined.ts';

const mostClusters = 500;

export const fleet = operation({
  path: '/fleet',
  id: 'getFleet',
  summary: 'Clusters by lowest headroom, and the number in each state.',
  query: {
    limit: z.number().int().min(1).max(mostClusters).default(20).describe('maximum number of clusters listed'),
  },
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    at: z.iso.datetime(),
    states: z.record(z.enum(clusterStates), z.number().int().nonnegative()).describe('clusters in each state'),
    clusters: z.array(ClusterStatus).describe('lowest headroom first; clusters without a value last'),
    promotion: FleetStatus.shape.promotion,
  }),
  madeOf: 'status',

  answerTo({ query }, { statuses }) {
    const { at, clusters, promotion } = statuses.fleet();
    const states = Object.fromEntries(clusterStates.map((state) => [state, 0])) as Record<
      (typeof clusterStates)[number],
      number
    >;
    for (const { state } of clusters) states[state]++;
    return defined({ schemaVersion, at, states, clusters: clusters.slice(0, query.limit), promotion });
  },
});
