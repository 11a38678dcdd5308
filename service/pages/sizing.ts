// Serves the sizing page from the newest sizing in the history.

import type { RequestHandler } from 'express';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { renderSizingPage, type Planning } from '../../dashboards/web/sizing/sizing-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import type { HistoryQuery, HistoryReader } from '../history/history.ts';
import { pageOf } from './served-page.ts';

/** Limit of entries per page: 60 to 80 ms of processor time, for plans of sixty rejected shapes each. */
const mostClusters = 500;

type PlanEntry = Extract<HistoryEntry, { kind: 'plan' }>;

type SizingHistory = Pick<HistoryReader, 'entries' | 'revision'>;

export function createSizingPage({ history }: { history: SizingHistory }, site: Site): RequestHandler {
  let read: { of: string; planning: Planning | undefined } | undefined;
  return pageOf(site, (view) => {
    const until = Number(view.query.get('until'));
    const requestedUntil = Number.isSafeInteger(until) && until > 0 ? until : undefined;
    const of = `${history.revision()} ${requestedUntil}`;
    if (read?.of !== of) read = { of, planning: newestPlanning(history, requestedUntil) };
    return renderSizingPage(read.planning, view);
  });
}

/** @param until id of an entry: newer plannings are ignored, so that an address always shows the same content */
export function newestPlanning(history: Pick<HistoryReader, 'entries'>, until?: number): Planning | undefined {
  const plansOf = (query: Pick<HistoryQuery, 'beforeId' | 'afterId'>) =>
    history.entries({ kinds: ['plan'], limit: mostClusters, ...query }).filter((entry) => entry.kind === 'plan');
  const plans = plansOf(until === undefined ? {} : { beforeId: until + 1 });
  const [last] = plans;
  if (last === undefined) return undefined;
  const names = new Set<string>();
  const own = together(plans, last, names);
  // Plans from before they named their planning may be of another one.
  if (until !== undefined && last.document.partOf !== undefined) {
    const later = plansOf({ afterId: until, beforeId: until + mostClusters }).toReversed();
    own.unshift(...together(later, last, names).toReversed());
  }
  const { id, at, by, evidence, document } = own[0] ?? last;
  return {
    at,
    entry: id,
    by: by.name,
    ...(evidence !== undefined && { evidence }),
    ...(document.partOf && { costUnit: document.partOf.costUnit }),
    clusters: own.map((entry) => ({ entry: entry.id, plan: entry.document })),
    refused: own.flatMap((entry) => entry.document.partOf?.refused ?? []),
    findings: own.flatMap((entry) => entry.document.partOf?.findings ?? []),
    judged: own.flatMap((entry) => entry.document.partOf?.judged ?? []),
    isCut: own.length >= mostClusters,
  };
}

/** Returns the plans up to the first of another planning or another recording, and adds their names. */
function together(plans: readonly PlanEntry[], other: PlanEntry, names: Set<string>): PlanEntry[] {
  const end = plans.findIndex((entry) => {
    const { name, partOf } = entry.document;
    const isOther =
      partOf?.document !== other.document.partOf?.document || entry.evidence !== other.evidence || names.has(name);
    if (!isOther) names.add(name);
    return isOther;
  });
  return end === -1 ? [...plans] : plans.slice(0, end);
}
