// Serves the pages of the service, each complete without JavaScript.

import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { answerFaults, createSiteRouter, sendHtml, type Site, viewOf } from '../../dashboards/web/site.ts';
import type { LoginRecord } from '../access/login-record.ts';
import { isSomewhere } from '../access/roles.ts';
import { livePath } from '../live/live-streams.ts';
import { shareRefreshes } from '../live/shared-refreshes.ts';
import { operatorsOrKept } from './kept-form.ts';
import { createLoginPages, endOperatorSession, formBody, type LoginPageParts, ownSiteOnly } from './login.ts';
import { type PageParts, pages } from './registry.ts';
import { sendMissing } from './served-page.ts';
import { loginFaultTexts } from '../../dashboards/web/login-faults.ts';
import { type ProviderLogin, renderLeavingPage, renderLoginPage } from '../../dashboards/web/login-page.ts';
import { loginPath, logoutPath } from '../../dashboards/web/view.ts';
import { type LoginFault, loginFaultOf } from '../access/oidc/login-fault.ts';
import { callbackPath, loggedOutPath, NoRole, type OidcLogin } from '../access/oidc/oidc-login.ts';
import { nextPath, passwordPath, startPath } from '../access/oidc/open-places.ts';

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
  return router.use(answerFaults(site, parts.log));
}

interface OidcPageParts extends Pick<LoginPageParts, 'operatorToken' | 'clock' | 'logins' | 'kept'> {
  oidc: OidcLogin;
  hasPasswords: boolean;
}

/** @param site without clusters and sections, because the visitor of these pages may be unknown */
function createOidcPages(parts: OidcPageParts, site: Site): Router {
  const { oidc, logins, hasPasswords } = parts;
  const router = express.Router();
  const { file } = parts.operatorToken;

  function sendLogin(request: Request, response: Response, over: Partial<ProviderLogin> = {}): void {
    const content = { issuer: oidc.issuer, next: nextPath(request.query['next']), hasPasswords, ...over };
    const page = renderLoginPage(viewOf(request, site), { file, isWrong: false, provider: content });
    sendHtml(response, over.fault === undefined ? 200 : (statuses[over.fault.kind] ?? 400), page, 'no-store');
  }

  function refuse(request: Request, response: Response, error: unknown): void {
    const fault = loginFaultOf(error);
    const user = fault instanceof NoRole ? fault.user : undefined;
    // Faults before the provider identified a user are not failed logins.
    if (request.path === callbackPath && fault.kind !== 'busy') {
      const { what } = loginFaultTexts.en[fault.kind];
      logins.fail(user ?? 'unknown', fault.detail === undefined ? what : `${what} ${fault.detail}`);
    }
    sendLogin(request, response, { hasTried: true, fault: { ...shown(fault), ...(user !== undefined && { user }) } });
  }

  router.use(['/login', '/logout'], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.get(loginPath, (request, response) => {
    const trouble = oidc.provider.trouble();
    // Not awaited: the next page shows whether the provider responds again.
    if (trouble !== undefined) void oidc.provider.look();
    sendLogin(request, response, trouble && { fault: shown(trouble.fault) });
  });
  router.get(loggedOutPath, (request, response) => sendLogin(request, response, { isLoggedOut: true }));
  router.get(startPath, async (request, response) => {
    const next = nextPath(request.query['next']);
    const { host, pathname } = new URL(oidc.publicUrl);
    // Cookies belong to the address of the callback, so redirect to it; only once, because a proxy may hide the host.
    if (request.get('Host') !== host && request.query['at'] === undefined) {
      return response.redirect(
        303,
        `${oidc.publicUrl}${startPath}?${new URLSearchParams({ next, at: pathname }).toString()}`,
      );
    }
    try {
      response.redirect(303, (await oidc.begin(response, next, request.query['again'] !== undefined)).href);
    } catch (error) {
      refuse(request, response, error);
    }
  });
  router.get(callbackPath, async (request, response) => {
    try {
      const { name, next } = await oidc.finish(request, response);
      logins.open(name, 'identity provider');
      response.redirect(303, `${site.prefix}${next}`);
    } catch (error) {
      refuse(request, response, error);
    }
  });
  // Only users who have entered the password reach this path.
  router.get(passwordPath, (request, response) => {
    response.redirect(303, `${site.prefix}${nextPath(request.query['next'])}`);
  });
  router.post(logoutPath, ownSiteOnly, (request, response) => {
    endOperatorSession(request, response, parts);
    const session = oidc.logOut(request, response);
    if (session !== undefined) logins.close(session.name);
    const view = viewOf(request, site);
    if (session?.address === undefined) return response.redirect(303, view.link(loggedOutPath));
    // The content policy forbids a redirect of this form to another site, so the page refreshes to it.
    response.set('Refresh', `1; url=${session.address.href}`);
    sendHtml(response, 200, renderLeavingPage(view, session.address.href), 'no-store');
  });
  return router;
}

const shown = ({ kind, detail }: LoginFault) => ({ kind, ...(detail !== undefined && { detail }) });

/** Status of the page if not 400, by who caused the fault, which decides whether a retry is useful. */
const statuses: Partial<Record<NonNullable<ProviderLogin['fault']>['kind'], number>> = {
  'no-role': 403,
  denied: 403,
  'secret-unreadable': 500,
  'client-refused': 500,
  unreachable: 502,
  'bad-answer': 502,
  busy: 503,
};
