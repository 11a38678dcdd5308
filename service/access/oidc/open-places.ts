// Decides what an unknown browser gets where an identity provider logs people in.

import type { Request } from 'express';
import type { ServiceConfig } from '../../../app/config/service.ts';
import { loginPath, logoutPath } from '../../../dashboards/web/visitor.ts';
import { callbackPath, loggedOutPath } from './oidc-login.ts';

export const startPath = '/login/start';
export const passwordPath = '/login/password';

const open = new Set([loginPath, startPath, callbackPath, loggedOutPath, logoutPath]);

/** @returns `open` to go on as nobody, `login-page` to be sent there; undefined for what is refused, as programs are */
export function openPlace(request: Request): 'open' | 'login-page' | undefined {
  const { method, path } = request;
  if (open.has(path) || path.startsWith('/assets/')) return 'open';
  if (path === passwordPath) return undefined;
  if (!wantsPage(request)) return undefined;
  if (method === 'GET' || method === 'HEAD') return 'login-page';
  // A form whose sender's session is over: what was entered is given back.
  return method === 'POST' && request.is('application/x-www-form-urlencoded') !== false ? 'open' : undefined;
}

/** Browsers name it where a person opens a page; scripts of a page say any type or have another mode. */
function wantsPage(request: Request): boolean {
  const mode = request.get('Sec-Fetch-Mode');
  if (mode !== undefined && mode !== 'navigate') return false;
  return (
    (request.get('Accept') ?? '').includes('text/html') && !/^\/(?:api|metrics|live|hooks)(?:\/|$)/i.test(request.path)
  );
}

/** Of the login page, which leads to the requested page afterwards. */
export function loginAddress({ pathPrefix = '' }: Pick<ServiceConfig, 'pathPrefix'>, request: Request): string {
  const { lang } = request.query;
  const query = new URLSearchParams({
    ...(typeof lang === 'string' && { lang }),
    ...(request.method === 'GET' && request.url !== '/' && { next: request.url }),
  }).toString();
  return `${pathPrefix}${loginPath}${query === '' ? '' : `?${query}`}`;
}

const longestNext = 2000;

/** @returns a path of this site; `//host` and `/\host` lead elsewhere */
export const nextPath = (given: unknown): string =>
  typeof given === 'string' && given.length <= longestNext && /^\/(?![/\\])[^\s\\]*$/.test(given) ? given : '/';
