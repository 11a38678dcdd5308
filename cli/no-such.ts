// What is said of a name that the cluster does not know? Which one may have been meant, or how to see them all.

import { AppError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';

export function noSuch(what: string, wanted: string, cluster: string, known: readonly { name: string }[]): AppError {
  const names = known.map(({ name }) => name);
  const meant = nearest(wanted, names);
  return new AppError('not-found', `cluster ${cluster} has no ${what} ${wanted}`, {
    hint: meant === undefined ? `\`plimsoll get ${what}s\` lists its ${what}s` : `did you mean ${meant}?`,
  });
}
