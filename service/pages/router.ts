// Serves the pages of the service, each complete without JavaScript.

import express, { type RequestHandler, type Router } from 'express';
import { answerFaults, createSiteRouter, type Site, viewOf } from '../../dashboards/web/site.ts';
import type { LoginRecord } from '../access/login-record.ts';
import { isSomewhere } from '../access/roles.ts';
import { shownFault } from '../api/statuses.ts';
import { livePath } from '../live/live-streams.ts';
import { shareRefreshes } from '../live/shared-refreshes.ts';
import { operatorsOrKept } from './kept-form.ts';
import { createLoginPages, formBody, ownSiteOnly } from './login.ts';
import { type PageParts, pages } from './registry.ts';
import { sendMissing } from './served-page.ts';
import { createOidcPages } from './oidc-login.ts';

/** Parts of the service, and state shared by all visitors. */
export type PagesParts = PageParts & { logins: LoginRecord };

/** The last handler of the app: renders a page for unknown paths, too. */
export function createPages(parts: PagesParts): Router {
  const { access, clock, live, logins } = parts;
  const site: Site = {
    prefix: parts.config.pathPrefix ?? '',
    sections: pages.flatMap(({ path, title }) => (title === undefined ? [] : [{ path, title }])),
    ...(parts.config.grafanaUrl !== undefined && { grafanaUrl: parts.config.grafanaUrl }),
    visitorOf(request) {
      const user = access.userOf(request);
      return { ...user, ...(isSomewhere(user, 'admin') && { isAdmin: true }) };
    },
    fleet: () => parts.statuses.fleet(),
    ...(live && { live: livePath }),
  };
  const kept = access.people?.logins;
  const loginParts = { clock, logins, tokenLogsIn: () => access.tokenLogsIn(), ...(kept && { kept }) };
  const router = express.Router().use(createSiteRouter());
  const { operatorToken, oidc } = access;
  if (operatorToken !== undefined && oidc !== undefined) {
    const bare: Site = { prefix: site.prefix, sections: [] };
    // The web config file is read again when it changes.
    const provider = () => ({ issuer: oidc.issuer, next: '/', hasPasswords: access.hasPasswords() });
    router.use(createOidcPages({ ...loginParts, oidc, operatorToken, provider }, bare));
    router.use(createLoginPages({ ...loginParts, operatorToken, provider }, bare));
  } else if (operatorToken !== undefined) {
    router.use(createLoginPages({ ...loginParts, operatorToken }, site));
  }
  if (live !== undefined) {
    router.get(livePath, live.answer);
    router.use(shareRefreshes(parts, live.events));
  }
  const seen: RequestHandler = (request, _response, next) => {
    logins.see(access.userOf(request));
    next();
  };
  for (const { path, open, submit } of pages) {
    router.get(path, seen, open(parts, site));
    if (submit !== undefined) {
      router.post(path, ownSiteOnly, formBody, operatorsOrKept(access, site), submit(parts, site));
    }
  }
  router.use((request, response) => sendMissing(response, viewOf(request, site)));
  return router.use(answerFaults(site, parts.log, shownFault));
}
