// Builds the error for a name that the cluster does not have, with the nearest name.

import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';

/** Kafka leaves them out of what it lists, and reports no error. */
const hidden: ReadonlySet<string> = new Set(['topic', 'group']);

export function noSuch(what: string, wanted: string, cluster: string, known: readonly { name: string }[]): AppError {
  const names = known.map(({ name }) => name);
  const isHidden = hidden.has(what);
  const hint = meantHint(wanted, names, `\`plimsoll get ${what}s\` lists its ${what}s${isHidden ? '.' : ''}`);
  return new AppError('not-found', `cluster ${cluster} has no ${what} ${wanted}`, {
    hint: isHidden ? `${hint} Kafka hides a ${what} from a user without Describe on it.` : hint,
  });
}
