// Returns the state of one cluster, its last reading and later failures.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { HeadroomPrice } from '../../../core/documents/headroom-price.ts';
import { headroomPriceOf } from '../../status/headroom-price.ts';
import { documentsOf } from '../../status/prepared-actions.ts';
import { operation, schemaVersion } from '../operation.ts';
import { clusterNamed, clusterParameter } from './cluster-parameter.ts';

export const cluster = operation({
  path: '/clusters/{cluster}',
  id: 'getCluster',
  summary: 'State of a cluster: safe maximum, current load, headroom and its cost, bottleneck and calibration.',
  parameters: clusterParameter,
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    standing: ClusterStatus,
    headroomPrice: HeadroomPrice.describe('cost of each reserve, removable brokers and the next 10%'),
    readAt: z.iso.datetime().optional().describe('time of the last successful reading; absent before the first'),
    trouble: z
      .strictObject({ at: z.iso.datetime(), reason: z.string() })
      .optional()
      .describe('why the last reading failed; absent if it succeeded'),
  }),
  madeOf: 'moment',
  faults: ['not-found'],

  answerTo({ path }, parts) {
    const served = clusterNamed(path.cluster, parts);
    const status = parts.statuses.cluster(path.cluster);
    if (status === undefined) throw new AppError('not-found', 'the cluster was just removed from the config');
    const readAt = served.last()?.at.toISOString();
    const trouble = served.trouble();
    return {
      schemaVersion,
      standing: status,
      headroomPrice: headroomPriceOf(served, { status, ...documentsOf(status, parts.history) }, parts),
      ...(readAt !== undefined && { readAt }),
      ...(trouble !== undefined && { trouble: { at: trouble.at.toISOString(), reason: trouble.reason } }),
    };
  },
});
