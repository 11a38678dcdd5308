// Lists all clusters with their state, by name and in pages.

import { z } from 'zod';
import { brokerKinds } from '../../../core/cluster.ts';
import { ClusterStatus, clusterStates } from '../../../core/documents/cluster-status.ts';
import { operation, schemaVersion } from '../operation.ts';
import { NameParameter } from './cluster-parameter.ts';

export const clusters = operation({
  path: '/clusters',
  id: 'listClusters',
  summary: 'Clusters by name, with their state.',
  query: {
    limit: z.number().int().min(1).max(100).default(20).describe('maximum number of clusters per page'),
    cursor: z
      .string()
      .regex(/^n[A-Za-z0-9_-]{1,2000}$/, 'a cursor is the `next` of the previous page')
      .optional()
      .describe('`next` of the previous page'),
    state: z.enum(clusterStates).optional(),
    broker: z.enum(brokerKinds).optional(),
    domain: NameParameter.optional().describe('only clusters of this business domain'),
  },
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    at: z.iso.datetime(),
    clusters: z.array(ClusterStatus),
    next: z.string().optional().describe('cursor of the next page; absent on the last'),
  }),
  madeOf: 'status',

  answerTo({ query: { limit, cursor, state, broker, domain } }, { statuses }) {
    const { at, clusters: all } = statuses.fleet();
    const after = cursor === undefined ? undefined : Buffer.from(cursor.slice(1), 'base64url').toString('utf8');
    const wanted = all
      .filter(
        (each) =>
          (after === undefined || each.cluster > after) &&
          (state === undefined || each.state === state) &&
          (broker === undefined || each.broker === broker) &&
          (domain === undefined || each.domains.includes(domain)),
      )
      .toSorted((one, other) => (one.cluster < other.cluster ? -1 : 1));
    const page = wanted.slice(0, limit);
    const last = page.at(-1);
    return {
      schemaVersion,
      at,
      clusters: page,
      ...(wanted.length > limit &&
        last !== undefined && { next: `n${Buffer.from(last.cluster).toString('base64url')}` }),
    };
  },
});
