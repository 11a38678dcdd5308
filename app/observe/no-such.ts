// Builds the error for a name that the cluster does not have, with the nearest name.

import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';

/** Kafka leaves them out of what it lists, and reports no error. */
const hidden: ReadonlySet<string> = new Set(['topic', 'group']);

export function noSuch(what: string, wanted: string, cluster: string, known: readonly { name: string }[]): AppError {
  const names = known.map(({ name }) => name);
  const meant = nearest(wanted, names);
  const hint = meant === undefined ? `\`plimsoll get ${what}s\` lists its ${what}s` : `did you mean ${meant}?`;
  return new AppError('not-found', `cluster ${cluster} has no ${what} ${wanted}`, {
    hint: hidden.has(what) ? `${hint} Kafka hides a ${what} from a user without Describe on it.` : hint,
  });
}
