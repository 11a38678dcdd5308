// Serves the pages of plans: operations and sized clusters with their history.

import type { RequestHandler } from 'express';
import { idOf } from '../../dashboards/web/entries/entry-filter.ts';
import { kafkaAssignment } from '../../dashboards/web/plans/kafka-assignment.ts';
import { renderPlanPage } from '../../dashboards/web/plans/plan-page.ts';
import type { PlanContent, PlanEntry, PlanRow, PlansContent } from '../../dashboards/web/plans/plan-view.ts';
import { renderPlansPage } from '../../dashboards/web/plans/plans-page.ts';
import { viewOf, type Site } from '../../dashboards/web/site.ts';
import { defined } from '../../core/defined.ts';
import type { OperationState } from '../../core/documents/recorded-operation.ts';
import type { ServiceParts } from '../parts.ts';
import { pageOf, sendMissing } from './served-page.ts';

type PlanParts = Pick<ServiceParts, 'history' | 'policy'>;

/** Entries read for one page; entries of one plan share a row. */
const entriesPerPage = 50;
/** Limit of entries of a cluster searched for the outcome of a plan, because each may have thousands of moves. */
const mostLooked = 100;
const mostNotes = 500;
const longestName = 249;

export function createPlansPage({ history }: Pick<PlanParts, 'history'>, site: Site): RequestHandler {
  return pageOf(site, (view) => {
    const cluster = (view.query.get('cluster') ?? '').slice(0, longestName) || undefined;
    const beforeId = idOf(view.query.get('before'));
    return renderPlansPage(plansOf({ history }, cluster, beforeId), view);
  });
}

export function createPlanPage(parts: PlanParts, site: Site): RequestHandler {
  return pageOf(site, (view, params) => {
    const entry = planOf(parts, String(params['id']));
    return entry && renderPlanPage(planContent(entry, parts), view);
  });
}

/** Serves `plan.json` and `rollback.json` in the format of kafka-reassign-partitions.sh. */
export const createPlanFile =
  (which: 'plan' | 'rollback') =>
  ({ history }: Pick<PlanParts, 'history'>, site: Site): RequestHandler =>
  (request, response) => {
    const entry = planOf({ history }, String(request.params['id']));
    const file = entry?.kind === 'operation' ? kafkaAssignment(entry.document, which) : undefined;
    if (file === undefined) return sendMissing(response, viewOf(request, site));
    response.attachment(`${which}.json`).json(file);
  };

export function plansOf(
  { history }: Pick<PlanParts, 'history'>,
  cluster: string | undefined,
  beforeId: number | undefined,
): PlansContent {
  const entries = history
    .entries({ kinds: ['plan', 'operation'], limit: entriesPerPage, ...defined({ cluster, beforeId }) })
    .filter(isPlan);
  const rows = new Map<string, PlanRow>();
  for (const entry of entries) {
    const key = identityOf(entry);
    if (rows.has(key)) continue;
    rows.set(key, { entry, ...(entry.kind === 'operation' && { state: entry.document.state }) });
  }
  const last = entries.length < entriesPerPage ? undefined : entries.at(-1)?.id;
  return { rows: [...rows.values()], ...defined({ cluster, olderThan: last }), isFirst: beforeId === undefined };
}

export function planContent(entry: PlanEntry, { history, policy }: PlanParts): PlanContent {
  const identity = identityOf(entry);
  const ofCluster = defined({ cluster: entry.cluster });
  const same = history
    .entries({ ...ofCluster, kinds: [entry.kind], limit: mostLooked })
    .filter(isPlan)
    .filter((each) => each.id === entry.id || identityOf(each) === identity);
  const own = same.some(({ id }) => id === entry.id) ? same : [...same, entry];
  const ids = own.map(({ id }) => id);
  const changes = history
    .entries({ ...ofCluster, about: ids, limit: mostNotes, afterId: Math.min(...ids) })
    .flatMap((each) => (each.kind === 'change' ? [each] : []));
  const entries = [...own, ...changes].toSorted((one, other) => other.id - one.id);
  const state = stateOf(entries);
  return {
    entry,
    history: entries,
    networkLimit: Math.min(policy.limits['network-in'].value, policy.limits['network-out'].value),
    ...(entry.kind === 'operation' && state !== undefined && { state }),
  };
}

const isPlan = (entry: { kind: string }): entry is PlanEntry => entry.kind === 'plan' || entry.kind === 'operation';

function planOf({ history }: Pick<PlanParts, 'history'>, text: string): PlanEntry | undefined {
  const id = idOf(text);
  const entry = id === undefined ? undefined : history.entry(id);
  return entry !== undefined && isPlan(entry) ? entry : undefined;
}

/** Identity shared by a plan and its execution; a plan of another day to other brokers has another identity. */
function identityOf({ kind, cluster = '', document }: PlanEntry): string {
  if (kind === 'plan') return JSON.stringify([kind, cluster, document.name]);
  const { operation, subject = '', fingerprint = '' } = document;
  return JSON.stringify([kind, cluster, operation, subject, fingerprint]);
}

/** Returns the newest state: from entries of the plan, or from a note that it was executed. */
function stateOf(entries: PlanContent['history']): OperationState | undefined {
  for (const each of entries) {
    if (each.kind === 'operation') return each.document.state;
    if (each.kind === 'change' && each.document.what === 'plan-executed') return 'done';
  }
  return undefined;
}
