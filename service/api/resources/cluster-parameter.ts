// Resolves the cluster named in a path, and suggests the nearest name for an unknown one.

import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { nearest } from '../../../core/text/nearest.ts';
import type { ServedCluster } from '../../parts.ts';
import type { ApiParts } from '../operation.ts';
import { shown } from '../read-request.ts';

/** Limit of Kafka topic names; longer names are not looked up. */
const longestName = 249;

export const NameParameter = z.string().min(1).max(longestName);

export const clusterParameter = { cluster: NameParameter.describe('name in config') };

/** @throws AppError not-found */
export function clusterNamed(name: string, { clusters }: Pick<ApiParts, 'clusters'>): ServedCluster {
  const found = clusters.get(name);
  if (found !== undefined) return found;
  const meant = nearest(name, clusters.keys());
  throw new AppError('not-found', `unknown cluster ${shown(name)}`, {
    hint: meant === undefined ? '/api/v1/clusters lists them' : `did you mean ${shown(meant)}?`,
  });
}
