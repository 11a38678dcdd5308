// Finds the cluster of a load test in the config file.

import { AppError } from '../../core/errors.ts';
import type { Config } from '../config/config-file.ts';

/** @param asked may be left away when there is only one */
export function findCluster({ clusters }: Config, asked: string | undefined) {
  const names = Object.keys(clusters);
  const name = asked ?? (names.length === 1 ? names[0] : undefined);
  const cluster = name === undefined ? undefined : clusters[name];
  if (name !== undefined && cluster !== undefined) return { name, cluster };
  const listed = names.length === 0 ? 'the config file has no clusters' : `clusters: ${names.join(', ')}`;
  throw new AppError(
    'usage',
    asked === undefined ? `--cluster is missing; ${listed}` : `the config file has no cluster ${asked}; ${listed}`,
    {
      hint:
        names.length === 0 ? '`plimsoll init` writes a config file for a cluster' : 'give one of them with --cluster',
    },
  );
}
