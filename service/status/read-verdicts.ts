// Reads the verdicts of a cluster that can be in force from the history, and not all others.

import type { HistoryQuery, HistoryReader } from '../history/history.ts';
import { contenders, strongerKinds, verdictsIn, type KnownVerdict, type ValidAt } from './verdict-in-force.ts';

/** At once: most clusters have the verdict in force among so many. */
const someVerdicts = 20;

/** @param beforeId absent: up to the newest. @throws AppError ledger-damaged and the like */
export function readVerdicts(
  history: Pick<HistoryReader, 'entries'>,
  about: Pick<HistoryQuery, 'cluster' | 'beforeId'>,
  at: ValidAt,
): KnownVerdict[] {
  const kinds = ['verdict', 'test'] as const;
  return contenders(kinds.flatMap((kind) => someOfKind(history, { ...about, kinds: [kind], limit: someVerdicts }, at)));
}

/**
 * The newest, and older ones that are stronger and may be valid. Most analyses of production find no maximum: those of a month are
 * searched in the database, since their documents take megabytes.
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
