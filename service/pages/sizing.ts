// Serves the sizing page from the newest sizing in the history.

import type { RequestHandler } from 'express';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { renderSizingPage, type Planning } from '../../dashboards/web/sizing/sizing-page.ts';
import type { Site } from '../../dashboards/web/site.ts';
import type { HistoryReader } from '../history/history.ts';
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

/** @param until id of an entry: newer entries are ignored, so that an address always shows the same content */
export function newestPlanning(history: Pick<HistoryReader, 'entries'>, until?: number): Planning | undefined {
  const before = until === undefined ? {} : { beforeId: until + 1 };
  const plans = history
    .entries({ kinds: ['plan'], limit: mostClusters, ...before })
    .filter((entry) => entry.kind === 'plan');
  const [newest] = plans;
  if (newest === undefined) return undefined;
  const own = together(plans, newest);
  const { at, by, evidence, document } = newest;
  return {
    at,
    entry: newest.id,
    by: by.name,
    ...(evidence !== undefined && { evidence }),
    ...(document.partOf && { costUnit: document.partOf.costUnit }),
    clusters: own.map((entry) => ({ entry: entry.id, plan: entry.document })),
    refused: own.flatMap((entry) => entry.document.partOf?.refused ?? []),
    findings: own.flatMap((entry) => entry.document.partOf?.findings ?? []),
    judged: own.flatMap((entry) => entry.document.partOf?.judged ?? []),
    isCut: own.length === mostClusters,
  };
}

/** Returns the plans recorded with the newest, back to the first of another planning or an earlier recording. */
function together(plans: readonly PlanEntry[], newest: PlanEntry): PlanEntry[] {
  const names = new Set<string>();
  const end = plans.findIndex((entry) => {
    const { name, partOf } = entry.document;
    const isOther =
      partOf?.document !== newest.document.partOf?.document || entry.evidence !== newest.evidence || names.has(name);
    names.add(name);
    return isOther;
  });
  return end === -1 ? [...plans] : plans.slice(0, end);
}
