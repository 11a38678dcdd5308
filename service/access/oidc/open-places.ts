// Decides how to handle a browser without a session if an identity provider logs users in.

import type { Request } from 'express';
import type { ServiceConfig } from '../../../app/config/service.ts';
import { loginPath, logoutPath } from '../../../dashboards/web/view.ts';
import { callbackPath, loggedOutPath } from './oidc-login.ts';

export const startPath = '/login/start';
export const passwordPath = '/login/password';

const open = new Set([loginPath, startPath, callbackPath, loggedOutPath, logoutPath]);

/** @returns `open` to continue without a user, `login-page` to redirect there; undefined to refuse, as for programs */
export function openPlace(request: Request): 'open' | 'login-page' | undefined {
  const { method, path } = request;
  if (open.has(path) || path.startsWith('/assets/')) return 'open';
  if (path === passwordPath) return undefined;
  if (!wantsPage(request)) return undefined;
  if (method === 'GET' || method === 'HEAD') return 'login-page';
  // A form sent after the session ended is accepted, so that the response can return the entered values.
  return method === 'POST' && request.is('application/x-www-form-urlencoded') !== false ? 'open' : undefined;
}

/** Browsers set these headers when a person opens a page; scripts of a page accept any type or have another mode. */
function wantsPage(request: Request): boolean {
  const mode = request.get('Sec-Fetch-Mode');
  if (mode !== undefined && mode !== 'navigate') return false;
  return (
    (request.get('Accept') ?? '').includes('text/html') && !/^\/(?:api|metrics|live|hooks)(?:\/|$)/i.test(request.path)
  );
}

/** Address of the login page, which leads to the requested page afterwards. */
export function loginAddress({ pathPrefix = '' }: Pick<ServiceConfig, 'pathPrefix'>, request: Request): string {
  const { lang } = request.query;
  const query = new URLSearchParams({
    ...(typeof lang === 'string' && { lang }),
    ...(request.method === 'GET' && request.url !== '/' && { next: request.url }),
  }).toString();
  return `${pathPrefix}${loginPath}${query === '' ? '' : `?${query}`}`;
}

const longestNext = 2000;

/** @returns a path of this site, since `//host` and `/\host` lead to other sites */
export const nextPath = (given: unknown): string =>
  typeof given === 'string' && given.length <= longestNext && /^\/(?![/\\])[^\s\\]*$/.test(given) ? given : '/';
