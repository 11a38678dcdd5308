// Reads only those verdicts of a cluster from the history that can be in force.

import type { HistoryQuery, HistoryReader } from '../history/history.ts';
import { contenders, strongerKinds, verdictsIn, type KnownVerdict, type ValidAt } from './verdict-in-force.ts';

/** Page size: for most clusters, the verdict in force is among that many. */
const someVerdicts = 20;

/** @param beforeId absent for all up to the newest. @throws AppError such as ledger-damaged */
export function readVerdicts(
  history: Pick<HistoryReader, 'entries'>,
  about: Pick<HistoryQuery, 'cluster' | 'beforeId'>,
  at: ValidAt,
): KnownVerdict[] {
  const kinds = ['verdict', 'test'] as const;
  return contenders(kinds.flatMap((kind) => someOfKind(history, { ...about, kinds: [kind], limit: someVerdicts }, at)));
}

/**
 * Returns the newest verdicts, and older ones that are stronger and may be valid. Most analyses of production find no
 * maximum, so the database filters the older ones, because the documents of a month have megabytes.
 */
function someOfKind(history: Pick<HistoryReader, 'entries'>, query: HistoryQuery, at: ValidAt): KnownVerdict[] {
  const newest = history.entries(query);
  const verdicts = newest.flatMap(verdictsIn);
  const oldest = newest.at(-1);
  if (oldest === undefined || newest.length < query.limit) return verdicts;
  const older = { ...query, beforeId: oldest.id, sinceMs: at.nowMs - at.lastsSeconds * 1000 };
  const stronger = strongerKinds(verdicts, at).flatMap((safeMaxKinds) => history.entries({ ...older, safeMaxKinds }));
  return [...verdicts, ...stronger.flatMap(verdictsIn)];
}
