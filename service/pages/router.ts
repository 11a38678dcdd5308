// Serves the pages of the service, each complete without JavaScript.

import express, { type RequestHandler, type Router } from 'express';
import { answerFaults, createSiteRouter, viewOf, type Site } from '../../dashboards/web/site.ts';
import { createLoginRecord, type LoginRecord } from '../access/login-record.ts';
import { isSomewhere } from '../access/roles.ts';
import { createCalculator, type Calculator } from '../calculation/calculator.ts';
import { createLookups, type Lookups } from '../clusters/lookups.ts';
import { livePath } from '../live/live-streams.ts';
import { shareRefreshes } from '../live/shared-refreshes.ts';
import type { ServiceParts } from '../parts.ts';
import { operatorsOrKept } from './kept-form.ts';
import { createLoginPages, formBody, ownSiteOnly } from './login.ts';
import type { OpenTails } from './message-tail.ts';
import { sendMissing } from './missing.ts';
import { createOidcPages } from './oidc-login.ts';
import { pages } from './registry.ts';

/** What is optional is created when absent. */
export type PagesParts = ServiceParts & {
  calculator?: Calculator;
  lookups?: Lookups;
  logins?: LoginRecord;
  tails?: OpenTails;
};

/** The last handler of the app: answers unknown paths with a page. */
export function createPages(parts: PagesParts): Router {
  const { access, clock, live } = parts;
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
  const logins = parts.logins ?? createLoginRecord(parts.history, clock, kept);
  const loginParts = { clock, logins, tokenLogsIn: () => access.tokenLogsIn(), ...(kept && { kept }) };
  const router = express.Router().use(createSiteRouter());
  const { operatorToken, oidc } = access;
  if (operatorToken !== undefined && oidc !== undefined) {
    const bare: Site = { prefix: site.prefix, sections: [] };
    const hasPasswords = access.hasPasswords();
    router.use(createOidcPages({ ...loginParts, oidc, operatorToken, hasPasswords }, bare));
    const provider = () => ({ issuer: oidc.issuer, next: '/', hasPasswords });
    router.use(createLoginPages({ ...loginParts, operatorToken, provider }, bare));
  } else if (operatorToken !== undefined) {
    router.use(createLoginPages({ ...loginParts, operatorToken }, site));
  }
  if (live !== undefined) {
    router.get(livePath, live.answer);
    router.use(shareRefreshes(parts, live.events));
  }
  const pageParts = {
    ...parts,
    calculator: parts.calculator ?? createCalculator(),
    lookups: parts.lookups ?? createLookups(clock),
    tails: parts.tails ?? { count: 0 },
  };
  const seen: RequestHandler = (request, _response, next) => {
    logins.see(access.userOf(request));
    next();
  };
  for (const { path, open, submit } of pages) {
    router.get(path, seen, open(pageParts, site));
    if (submit !== undefined) {
      router.post(path, ownSiteOnly, formBody, operatorsOrKept(access, site), submit(pageParts, site));
    }
  }
  router.use((request, response) => sendMissing(response, viewOf(request, site)));
  return router.use(answerFaults(site, parts.log));
}
