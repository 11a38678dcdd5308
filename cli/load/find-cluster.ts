// Which cluster of the config is meant?

import { AppError } from '../../core/errors.ts';
import type { Config } from '../config.ts';

/** @param asked may be left away when there is only one */
export function findCluster({ clusters }: Config, asked: string | undefined) {
  const names = Object.keys(clusters);
  const name = asked ?? (names.length === 1 ? names[0] : undefined);
  const cluster = name === undefined ? undefined : clusters[name];
  if (name !== undefined && cluster !== undefined) return { name, cluster };
  const listed = names.length === 0 ? 'the config file has none' : `there are ${names.join(', ')}`;
  throw new AppError('usage', asked === undefined ? `which cluster? ${listed}` : `no cluster ${asked}: ${listed}`, {
    hint: names.length === 0 ? '`plimsoll init` writes a config file for a cluster' : 'give one of them with --cluster',
  });
}
