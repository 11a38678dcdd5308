// Serves the login page, and exchanges the operator token for a session cookie, until logout.

import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { renderKeptForm, renderResumedForm, type KeptForm } from '../../dashboards/web/kept-form-page.ts';
import { renderLoginPage, type ProviderLogin } from '../../dashboards/web/login-page.ts';
import { renderMessage, sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { loginPath, logoutPath } from '../../dashboards/web/view.ts';
import { sendText } from '../../exporter/http/send-text.ts';
import type { Clock } from '../../core/clock.ts';
import type { Access } from '../access/access.ts';
import type { LoginRecord } from '../access/login-record.ts';
import type { KeptLogins } from '../access/kept-logins.ts';
import { operatorSessionId, sessionSeconds, type OperatorToken } from '../access/operator-token.ts';
import { clearSession, sessionOf, setSession } from '../access/session-cookie.ts';
import { isFromOwnSite, mostBodyBytes } from '../api/gate.ts';
import { keptFormIn } from './kept-form.ts';

export interface LoginPageParts {
  operatorToken: OperatorToken;
  tokenLogsIn: Access['tokenLogsIn'];
  clock: Pick<Clock, 'now'>;
  logins: Pick<LoginRecord, 'open' | 'fail' | 'close'>;
  kept?: Pick<KeptLogins, 'note' | 'end'>;
  /** State of the identity provider for the page; absent without one. The provider's pages serve the rest. */
  provider?(): ProviderLogin;
}

export function createLoginPages(parts: LoginPageParts, site: Site): Router {
  const { operatorToken, clock, logins, kept, provider } = parts;
  const router = express.Router();

  function answer(request: Request, response: Response, given: unknown, form?: KeptForm): void {
    const view = viewOf(request, site);
    if (typeof given === 'string' && operatorToken.isRight(given.trim())) {
      const [now, name] = [clock.now(), 'operator'];
      const session = operatorToken.newSession(now);
      logins.open(name, 'operator token');
      const [at, ends] = [now.getTime(), now.getTime() + sessionSeconds * 1000];
      kept?.note({ name, way: 'operator-token', groups: [], at, session: { id: operatorSessionId(session), ends } });
      setSession(request, response, session, sessionSeconds);
      if (form === undefined) return response.redirect(303, view.link('/'));
      const visitor = { name: 'operator', role: 'admin', via: 'session' } as const;
      return sendHtml(response, 200, renderResumedForm({ ...view, visitor }, form), 'no-store');
    }
    const isWrong = given !== undefined;
    if (isWrong) logins.fail('unknown', 'wrong operator token');
    if (form !== undefined) {
      return sendHtml(response, 403, renderKeptForm(view, form, { hasLogin: true, isWrong }), 'no-store');
    }
    const content = { file: operatorToken.file, isWrong, ...(provider && { provider: provider() }) };
    sendHtml(response, isWrong ? 403 : 200, renderLoginPage(view, content));
  }

  // An address with a token must not be cached.
  router.use([loginPath, logoutPath], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.all(loginPath, (request, response, next) => {
    if (parts.tokenLogsIn()) return next();
    const view = viewOf(request, site);
    const { unused, unusedWhy } = view.strings.pages.login;
    sendHtml(response, 404, renderMessage(view, unused, unusedWhy), 'no-store');
  });
  router.get(loginPath, (request, response) => answer(request, response, request.query['token']));
  router.post(loginPath, ownSiteOnly, formBody, (request, response) => {
    const { token = '', kept: form } = (request.body ?? {}) as { token?: unknown; kept?: unknown };
    answer(request, response, token, keptFormIn(form));
  });
  router.post(logoutPath, ownSiteOnly, (request, response) => {
    endOperatorSession(request, response, parts);
    response.redirect(303, viewOf(request, site).link('/'));
  });
  return router;
}

/** Ends the session of a user who logged in with the operator token. */
export function endOperatorSession(
  request: Request,
  response: Response,
  { operatorToken, clock, logins, kept }: Pick<LoginPageParts, 'operatorToken' | 'clock' | 'logins' | 'kept'>,
): void {
  const session = sessionOf(request);
  const now = clock.now();
  if (session !== undefined && operatorToken.isSession(session, now)) {
    logins.close('operator');
    kept?.end(operatorSessionId(session), now.getTime() + sessionSeconds * 1000);
  }
  clearSession(request, response);
}

export const formBody = express.urlencoded({ extended: false, limit: mostBodyBytes, inflate: false });

export const ownSiteOnly: RequestHandler = (request, response, next) => {
  if (isFromOwnSite(request)) return next();
  sendText(response, 403, 'cross-site request');
};
