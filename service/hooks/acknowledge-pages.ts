// Serves the page of a signed link, which shows the alert and acknowledges it after the reader confirms.

import express, { type Request, type Response, type Router } from 'express';
import type { User } from '../access/access.ts';
import type { ServiceParts } from '../parts.ts';
import { isAtLeast } from '../../core/roles.ts';
import { channelUserName, roleOn } from '../access/roles.ts';
import { type AcknowledgeLink, acknowledgePath, readLink } from './acknowledge-link.ts';
import { channelUser } from './channel-user.ts';
import { acknowledgementOf, subjectOf } from '../../core/documents/acknowledgement.ts';
import { type AcknowledgeContent, renderAcknowledgePage } from '../../dashboards/web/acknowledge-page.ts';
import { createSiteRouter, sendHtml, type Site, viewOf } from '../../dashboards/web/site.ts';
import { type ChangeParts, ChangeRequest, recordIfPresent } from '../history/operator-change.ts';
import { formBody, ownSiteOnly } from '../pages/login.ts';

type AcknowledgeParts = ChangeParts & Pick<ServiceParts, 'access' | 'config'>;

const statuses = {
  open: 200,
  done: 200,
  invalid: 404,
  'not-allowed': 403,
  expired: 410,
  over: 410,
  used: 410,
} as const satisfies Record<AcknowledgeContent['kind'], number>;

/** Requires no login: the link authorizes only its alert. Link previews send GET, which changes nothing. */
export function createAcknowledgePages(parts: AcknowledgeParts): Router {
  const { access, config, clock } = parts;
  const site: Site = { prefix: config.pathPrefix ?? '', sections: [] };
  const router = express.Router();
  if (!Object.values(config.hooks.channels).some(({ acknowledge }) => acknowledge)) return router;
  const headers = createSiteRouter();

  function opened(text: unknown): { content: AcknowledgeContent; link?: AcknowledgeLink; user?: User } {
    const secret = access.operatorToken?.text;
    if (secret === undefined || typeof text !== 'string') return { content: { kind: 'invalid' } };
    const read = readLink(text, secret, clock.now());
    if (read.kind === 'invalid') return { content: { kind: 'invalid' } };
    const { link } = read;
    const { cluster, alert } = link;
    if (read.kind === 'expired') return { content: { kind: 'expired', cluster, alert } };
    const user = channelUser(link.channel, config);
    const isAllowed =
      user !== undefined && parts.clusters.has(cluster) && isAtLeast(roleOn(user, cluster) ?? 'viewer', 'operator');
    if (!isAllowed) return { content: { kind: 'not-allowed', cluster, alert } };
    return { content: stateOf(link, text, parts), link, user };
  }

  function show(request: Request, response: Response, content: AcknowledgeContent): void {
    const page = renderAcknowledgePage(viewOf(request, site), content);
    sendHtml(response, statuses[content.kind], page, 'no-store');
  }

  router.get(acknowledgePath, headers, (request, response) =>
    show(request, response, opened(request.query['link']).content),
  );
  router.post(acknowledgePath, headers, ownSiteOnly, formBody, async (request, response) => {
    const { link: text, hours } = (request.body ?? {}) as { link?: unknown; hours?: unknown };
    const { content, link, user } = opened(text);
    if (content.kind !== 'open' || link === undefined || user === undefined) return show(request, response, content);
    const { cluster, alert } = link;
    const change = ChangeRequest.safeParse({
      what: 'acknowledged',
      cluster,
      subject: subjectOf('alert', alert),
      hours: Number(hours),
    });
    if (!change.success) return show(request, response, { kind: 'invalid' });
    // If the alert was resolved after the page was shown, the page shows it.
    await recordIfPresent(change.data, { user, through: 'page' }, parts);
    show(request, response, opened(text).content);
  });
  return router;
}

/** Prevents duplicates: an acknowledgement in force is not repeated, and the same message cannot renew one that has ended. */
function stateOf(
  link: AcknowledgeLink,
  text: string,
  { statuses: known, alerts, history, clock }: ChangeParts,
): AcknowledgeContent {
  const { cluster, alert, channel, issuedAt } = link;
  const about = { cluster, alert };
  const subject = subjectOf('alert', alert);
  const inForce = acknowledgementOf(known.cluster(cluster) ?? {}, subject);
  if (inForce !== undefined) return { kind: 'done', ...about, by: inForce.by, until: inForce.until };
  const isUsed = history
    .entries({ cluster, change: 'acknowledged', sinceMs: issuedAt.getTime(), limit: mostLookedAt })
    .some(
      ({ kind, document, by }) =>
        kind === 'change' && document.subject === subject && by.name === channelUserName(channel),
    );
  if (isUsed) return { kind: 'used', ...about };
  const isFiring = alerts.firing(cluster, clock.now().getTime()).some(({ name }) => name === alert);
  return isFiring ? { kind: 'open', ...about, link: text } : { kind: 'over', ...about };
}

/** Limit of acknowledgements of one cluster since the link was issued. */
const mostLookedAt = 200;
