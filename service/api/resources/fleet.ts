// Answers the state of the fleet: counts by state, and clusters with the least headroom first.

import { z } from 'zod';
import { ClusterStanding, FleetStanding, standingStates } from '../../../core/documents/standing.ts';
import { operation, schemaVersion } from '../operation.ts';

const mostClusters = 500;

export const fleet = operation({
  method: 'get',
  path: '/fleet',
  id: 'getFleet',
  summary: 'Clusters by worst headroom, and how many are in which state.',
  query: {
    limit: z.number().int().min(1).max(mostClusters).default(20).describe('clusters that are listed at most'),
  },
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    at: z.iso.datetime(),
    states: z.record(z.enum(standingStates), z.number().int().nonnegative()).describe('clusters in each state'),
    clusters: z.array(ClusterStanding).describe('worst headroom first; those without a number after those with one'),
    promotion: FleetStanding.shape.promotion,
  }),
  madeOf: 'standing',

  answerTo({ query }, { standings }) {
    const { at, clusters, promotion } = standings.fleet();
    const states = Object.fromEntries(standingStates.map((state) => [state, 0])) as Record<
      (typeof standingStates)[number],
      number
    >;
    for (const { state } of clusters) states[state]++;
    return {
      schemaVersion,
      at,
      states,
      clusters: clusters.slice(0, query.limit),
      ...(promotion !== undefined && { promotion }),
    };
  },
});
