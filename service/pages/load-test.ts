// Serves the load test page of a cluster, and starts or stops its load test.

import type { Request, RequestHandler } from 'express';
import { AppError } from '../../core/errors.ts';
import { clusterPath } from '../../dashboards/web/cluster/cluster-frame.ts';
import { renderLoadTestPage } from '../../dashboards/web/load-test/load-test-page.ts';
import type { LoadTestContent, LoadTestForm, ShownPermission } from '../../dashboards/web/load-test/load-test-view.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { ChangeRequest, recordChange, type ChangeParts } from '../history/operator-change.ts';
import { formOfLoad, loadOfForm, RequestedLoad } from '../load-tests/requested-load.ts';
import type { ServiceParts } from '../parts.ts';
import { safeRateOf } from '../status/safe-rate.ts';
import { pageOfCluster, sendMissing } from './served-page.ts';

type LoadTestPageParts = Pick<ServiceParts, 'clusters' | 'statuses' | 'loadTests'>;

/** Shares of the safe maximum, or of the permitted rate if that is lower. */
const proposedShares = [0.25, 0.5, 0.75];
/** Rates without a verdict, because the permitted rate may be far above what the cluster sustains. */
const firstRates = { highest: 8000, shares: [0.125, 0.25, 0.5, 1] };
const conflict = 409;

export function createLoadTestPage(parts: LoadTestPageParts, site: Site): RequestHandler {
  return pageOfCluster(parts.clusters, site, async ({ name }, view) =>
    renderLoadTestPage(await loadTestContent(name, view.query, parts), view),
  );
}

/** @param query fields of the form; with `rates` the load is planned */
export async function loadTestContent(
  cluster: string,
  query: URLSearchParams,
  { loadTests, statuses }: Pick<LoadTestPageParts, 'loadTests' | 'statuses'>,
): Promise<LoadTestContent> {
  const permission = loadTests?.permissionOf(cluster);
  if (loadTests === undefined || permission === undefined) return { cluster, form: formOf(query, proposal(undefined)) };
  const test = loadTests.of(cluster);
  // `test` does not include a test of this cluster by another service.
  const isOwn = test !== undefined && test.end === undefined;
  const elsewhere = loadTests.underWay().find((each) => each.cluster !== cluster || !isOwn);
  const form = formOf(query, test ? formOfLoad(test.load) : proposal(permission, safeOf(cluster, statuses)));
  return {
    cluster,
    permission,
    form,
    ...(test && { test }),
    ...(elsewhere && { elsewhere }),
    ...(query.has('rates') && { planned: await planned(cluster, form, loadTests) }),
  };
}

async function planned(cluster: string, form: LoadTestForm, loadTests: NonNullable<LoadTestPageParts['loadTests']>) {
  const load = loadOfForm(form);
  const { data, error } = RequestedLoad.safeParse(load);
  if (data !== undefined) return loadTests.plan(cluster, data);
  const names = Object.keys(form) as (keyof LoadTestForm)[];
  const wrong = error.issues.flatMap(({ path: [first, index] }) =>
    names
      .filter((name) => name === first)
      .map((field) => ({ field, value: typeof index === 'number' ? String(load.rates[index]) : form[field] })),
  );
  return { kind: 'unreadable' as const, wrong };
}

const longestField = 400;

function formOf(query: Pick<URLSearchParams, 'get'>, proposed: LoadTestForm): LoadTestForm {
  const field = (name: keyof LoadTestForm) => (query.get(name) ?? proposed[name]).slice(0, longestField);
  return {
    rates: field('rates'),
    stepDuration: field('stepDuration'),
    messageSize: field('messageSize'),
    groups: field('groups'),
  };
}

function proposal(permission: ShownPermission | undefined, safeTps?: number): LoadTestForm {
  const most = Math.min(permission?.maxTps ?? Infinity, safeTps ?? firstRates.highest);
  const rates =
    safeTps === undefined
      ? firstRates.shares.map((share) => Math.floor(most * share))
      : proposedShares.map((share) => Math.round(Number((most * share).toPrecision(2))));
  return formOfLoad(RequestedLoad.parse({ rates: rates.map((rate) => Math.max(1, rate)) }));
}

function safeOf(cluster: string, statuses: LoadTestPageParts['statuses']): number | undefined {
  const safe = statuses.cluster(cluster)?.safeMaxTps;
  return safe && safeRateOf(safe)?.low;
}

/** Rejects a form that names no load, such as one from an outdated page, as not found. */
export function createLoadTestChange(
  parts: ChangeParts & LoadTestPageParts & Pick<ServiceParts, 'access'>,
  site: Site,
): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const cluster = String(request.params['cluster']);
    const change = ChangeRequest.safeParse({ ...changeIn(request), cluster });
    const isOfTest = change.data?.what === 'load-test-started' || change.data?.what === 'load-test-stopped';
    if (!parts.clusters.has(cluster) || !change.success || !isOfTest) return sendMissing(response, view);
    try {
      await recordChange(change.data, { user: parts.access.userOf(request), through: 'page' }, parts);
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      const content = await loadTestContent(cluster, view.query, parts);
      const page = renderLoadTestPage({ ...content, refusal: `${cause.message}; ${cause.hint}` }, view);
      return sendHtml(response, conflict, page);
    }
    response.redirect(303, view.link(clusterPath(cluster, 'load-test')));
  };
}

function changeIn(request: Request): object {
  const { what, ...fields } = (request.body ?? {}) as Record<string, unknown>;
  if (what !== 'load-test-started') return { what, ...fields };
  const { rates, stepDuration, messageSize, groups, ...rest } = fields;
  const form = {
    rates: String(rates),
    stepDuration: String(stepDuration),
    messageSize: String(messageSize),
    groups: String(groups),
  };
  return { what, ...rest, ...loadOfForm(form) };
}
