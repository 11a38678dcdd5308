// Serves the page of people for admins: who has access, and the form that ends sessions.

import type { Request, RequestHandler, Response } from 'express';
import { renderPeoplePage } from '../../dashboards/web/people-page.ts';
import { renderMessage, sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { isSomewhere } from '../access/roles.ts';
import { ChangeRequest, recordIfPresent, type ChangeParts } from '../history/operator-change.ts';
import { sendMissing } from './served-page.ts';

export function createPeoplePage(parts: Pick<ChangeParts, 'access' | 'clusters'>, site: Site): RequestHandler {
  return (request, response) => {
    const user = parts.access.userOf(request);
    if (!isSomewhere(user, 'admin')) return refuse(request, response, site);
    const review = parts.access.people?.review(user, parts.clusters.keys()) ?? { people: [], unused: [] };
    const content = { ...review, clusters: [...parts.clusters.keys()], endsSessions: user.role === 'admin' };
    sendHtml(response, 200, renderPeoplePage(content, viewOf(request, site)), 'no-store');
  };
}

export function createSessionsEnd(parts: ChangeParts, site: Site): RequestHandler {
  return async (request, response) => {
    const user = parts.access.userOf(request);
    if (user.role !== 'admin') return refuse(request, response, site);
    const view = viewOf(request, site);
    const { name, why } = (request.body ?? {}) as Record<string, unknown>;
    const change = ChangeRequest.safeParse({ what: 'sessions-ended', name, ...(why !== '' && { why }) });
    if (!change.success) return sendMissing(response, view);
    // If the sessions have ended since the page was rendered, the page shows it.
    await recordIfPresent(change.data, { user, through: 'page' }, parts);
    response.redirect(303, view.link(request.path));
  };
}

function refuse(request: Request, response: Response, site: Site): void {
  const view = viewOf(request, site);
  sendHtml(response, 403, renderMessage(view, view.strings.pages.adminsOnly), 'no-store');
}
