// Serves the login page, and turns the operator token into a session cookie and back.

import express, { type Request, type RequestHandler, type Response, type Router } from 'express';
import { renderKeptForm, renderResumedForm, type KeptForm } from '../../dashboards/web/kept-form-page.ts';
import { renderLoginPage } from '../../dashboards/web/login-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { loginPath, logoutPath } from '../../dashboards/web/visitor.ts';
import type { Clock } from '../../core/clock.ts';
import type { LoginRecord } from '../access/login-record.ts';
import { sessionSeconds, type OperatorToken } from '../access/operator-token.ts';
import { clearSession, setSession } from '../access/session-cookie.ts';
import { isFromOwnSite } from '../api/gate.ts';
import { keptFormIn } from './kept-form.ts';

/** A note of 2,000 Chinese characters is 18,000 bytes, and is kept over a login. */
const mostBodyBytes = 64 * 1024;

interface LoginPageParts {
  operatorToken: OperatorToken;
  clock: Pick<Clock, 'now'>;
  logins: Pick<LoginRecord, 'open'>;
}

export function createLoginPages({ operatorToken, clock, logins }: LoginPageParts, site: Site): Router {
  const router = express.Router();

  function answer(request: Request, response: Response, given: unknown, kept?: KeptForm): void {
    const view = viewOf(request, site);
    if (typeof given === 'string' && operatorToken.isRight(given.trim())) {
      logins.open('operator');
      setSession(request, response, operatorToken.newSession(clock.now()), sessionSeconds);
      if (kept === undefined) return response.redirect(303, view.link('/'));
      const visitor = { name: 'operator', role: 'operator', via: 'session' } as const;
      return sendHtml(response, 200, renderResumedForm({ ...view, visitor }, kept), 'no-store');
    }
    const isWrong = given !== undefined;
    if (kept !== undefined) {
      return sendHtml(response, 403, renderKeptForm(view, kept, { hasLogin: true, isWrong }), 'no-store');
    }
    sendHtml(response, isWrong ? 403 : 200, renderLoginPage(view, { file: operatorToken.file, isWrong }));
  }

  // An address with a token must not stay in a cache.
  router.use([loginPath, logoutPath], (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  router.get(loginPath, (request, response) => answer(request, response, request.query['token']));
  router.post(loginPath, ownSiteOnly, formBody, (request, response) => {
    const { token = '', kept } = (request.body ?? {}) as { token?: unknown; kept?: unknown };
    answer(request, response, token, keptFormIn(kept));
  });
  router.post(logoutPath, ownSiteOnly, (request, response) => {
    clearSession(request, response);
    response.redirect(303, viewOf(request, site).link('/'));
  });
  return router;
}

export const formBody = express.urlencoded({ extended: false, limit: mostBodyBytes });

export const ownSiteOnly: RequestHandler = (request, response, next) => {
  if (isFromOwnSite(request)) return next();
  response.status(403).type('text').send('a page of another site sent this\n');
};
