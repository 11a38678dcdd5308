// Serves login and logout with an identity provider: start, callback and failures.

import express, { type Request, type Response, type Router } from 'express';
import { sendHtml, type Site, viewOf } from '../../dashboards/web/site.ts';
import { endOperatorSession, type LoginPageParts, ownSiteOnly } from './login.ts';
import { loginFaultTexts } from '../../dashboards/web/login-faults.ts';
import { type ProviderLogin, renderLeavingPage, renderLoginPage } from '../../dashboards/web/login-page.ts';
import { loginPath, logoutPath } from '../../dashboards/web/view.ts';
import { type LoginFault, loginFaultOf } from '../access/oidc/login-fault.ts';
import { callbackPath, loggedOutPath, NoRole, type OidcLogin } from '../access/oidc/oidc-login.ts';
import { nextPath, passwordPath, startPath } from '../access/oidc/open-places.ts';

interface OidcPageParts extends Pick<LoginPageParts, 'operatorToken' | 'clock' | 'logins' | 'kept'> {
  oidc: OidcLogin;
  provider(): ProviderLogin;
}

/** @param site without clusters and sections, because the visitor of these pages may be unknown */
export function createOidcPages(parts: OidcPageParts, site: Site): Router {
  const { oidc, logins } = parts;
  const router = express.Router();
  const { file } = parts.operatorToken;

  function sendLogin(request: Request, response: Response, over: Partial<ProviderLogin> = {}): void {
    const content = { ...parts.provider(), next: nextPath(request.query['next']), ...over };
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
