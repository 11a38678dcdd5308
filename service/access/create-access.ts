// Authenticates and authorizes a request before any data is read for it; checks whether the service may listen at an address.

import type { Request, RequestHandler } from 'express';
import { AppError } from '../../core/errors.ts';
import { isLoopback, parseListenAddress } from '../../exporter/config.ts';
import { sendText } from '../../exporter/http/send-text.ts';
import type { WatchedWebConfig } from '../../exporter/http/web-config-file.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import type { Access, User } from './access.ts';
import { asksForLogin, createLoginCheck, type LoginParts } from './logins.ts';
import { acknowledgePath } from '../hooks/acknowledge-link.ts';
import { loginAddress, openPlace } from './oidc/open-places.ts';
import { createPeople } from './people.ts';
import { isAtLeast } from '../../core/roles.ts';
import { isSomewhere, namesAdmins, roleOn } from './roles.ts';
import type { KeptLogins } from './kept-logins.ts';
import { defined } from '../../core/defined.ts';

/** Same limit as in the exporter: pages and scrapes are short, and requests beyond the limit get status 503. */
const mostAtOnce = 40;

/** User of the login page, of a signed link and of a form sent after the session ended: sees no cluster. */
const nobody: User = { name: 'anonymous', role: 'viewer', via: 'nothing', isLimited: true };

export interface GuardedAccess extends Access {
  guard: RequestHandler;
  /** Stops counting a stream as a short response; its opener limits the number of streams. */
  letStay(request: Request): void;
  /** Passes users who may read pages, API and metrics: all but notifiers. @throws AppError role-missing */
  readersOnly: RequestHandler;
  /** Passes users who may see every cluster. @throws AppError role-missing */
  unlimitedOnly: RequestHandler;
}

/** @throws AppError access-open for an address that others can reach without a login */
export function refuseOpenAddress(address: string, config: ServiceConfig, web: WatchedWebConfig | undefined): void {
  const host = parseListenAddress(address)?.host;
  if (host === undefined || isLoopback(host) || asksForLogin(config, web?.current())) return;
  throw new AppError('access-open', `not listening on ${address}: any client could read and change everything`);
}

/** @throws AppError hooks-without-token if channels are configured but Alertmanager could not post to them */
export function refuseClosedHooks({ hooks, trustedProxy }: ServiceConfig, web: WatchedWebConfig | undefined): void {
  // Alertmanager cannot log in at an identity provider.
  if (Object.keys(hooks.channels).length === 0 || asksForLogin({ trustedProxy }, web?.current())) return;
  if (hooks.token === undefined) {
    throw new AppError(
      'hooks-without-token',
      'service.hooks.channels has notification channels, but neither service.hooks.token nor a login is configured, so alerts would be refused',
    );
  }
  hooks.token.reveal();
}

/**
 * Without a login, accepts only host names of this machine. This rejects pages of other sites whose host name resolves
 * to the loopback address (DNS rebinding).
 */
export function createAccess(
  config: ServiceConfig,
  {
    address,
    web,
    ...parts
  }: { address: string; web?: WatchedWebConfig; kept?: KeptLogins } & Omit<LoginParts, 'oidc' | 'kept'> &
    Pick<Access, 'oidc'>,
): GuardedAccess {
  const checkLogin = createLoginCheck(config, parts);
  const isLocal = isLoopback(parseListenAddress(address)?.host ?? '');
  const users = new WeakMap<Request, User>();
  const places = new WeakMap<Request, () => void>();
  const hidesLogins = namesAdmins(config);
  // Counted apart, so that slow requests to the login page do not block users.
  const underWay = { in: 0, who: 0 };
  const userOf = (request: Request): User => {
    const user = users.get(request);
    if (user === undefined) throw new Error('a request without access has no user');
    const cluster = request.params['cluster'];
    return typeof cluster === 'string' ? { ...user, role: roleOn(user, cluster) ?? 'viewer' } : user;
  };

  return {
    async guard(request, response, next) {
      const refuse = (status: number, text: string) => sendText(response, status, text);
      const now = web?.current();
      response.set({
        'X-Content-Type-Options': 'nosniff',
        'X-Frame-Options': 'DENY',
        ...now?.headers,
      });
      if (!asksForLogin(config, now)) {
        // Users may have been removed from the web config file since the start.
        if (!isLocal) return refuse(403, 'login is not configured: see docs/explanation/service.md');
        if (!isLoopback(hostNameIn(request.get('Host'))))
          return refuse(403, 'only host names of this machine are accepted');
        if (cameByProxy(request)) {
          return refuse(
            403,
            'this request came through a proxy, so other hosts can reach the service: configure a login or trustedProxy, see docs/explanation/service.md',
          );
        }
      }
      const login = await checkLogin(request, now);
      if (login.kind === 'busy') {
        response.set('Retry-After', '5');
        return refuse(429, 'too many login attempts from this address');
      }
      if (login.kind === 'no-role') {
        return refuse(
          403,
          `${login.name} has no role: no entry of service.roles names this user or one of its groups; ask your Plimsoll administrator for a role`,
        );
      }
      const place = login.kind === 'who' ? placeOf(request) : undefined;
      if (place === 'login-page') return response.redirect(303, loginAddress(config, request));
      if (login.kind === 'who' && place === undefined) {
        if (login.challenge !== undefined) response.set('WWW-Authenticate', login.challenge);
        return refuse(401, 'unauthorized');
      }
      // Checked after the password comparison: waiting clients take no slot, and a client that disconnected would never
      // free one.
      if (response.destroyed) return;
      if (underWay[login.kind] >= mostAtOnce) return refuse(503, `more than ${mostAtOnce} requests at once`);
      underWay[login.kind]++;
      const leave = () => {
        response.off('close', leave);
        underWay[login.kind]--;
      };
      response.once('close', leave);
      places.set(request, leave);
      users.set(request, login.kind === 'in' ? login.user : nobody);
      next();
    },
    userOf,
    async isStill(role, request) {
      const login = await checkLogin(request, web?.current());
      // The password was correct when the stream opened; its next check is only queued.
      if (login.kind === 'busy') return true;
      if (login.kind !== 'in') return false;
      users.set(request, login.user);
      return isAtLeast(userOf(request).role, role);
    },
    letStay(request) {
      places.get(request)?.();
      places.delete(request);
    },
    operatorsOnly: only((user) => isSomewhere(user, 'operator'), 'make changes'),
    adminsOnly: only((user) => isSomewhere(user, 'admin'), 'see who has access'),
    notifiersOnly: only(({ role }) => role !== 'viewer', 'post alerts'),
    readersOnly: only(({ role }) => role !== 'notifier', 'read this'),
    unlimitedOnly: only(
      ({ isLimited }) => isLimited !== true,
      'read this: it covers all clusters, and some are hidden from you',
    ),
    seesLogins: ({ role }) => !hidesLogins || role === 'admin',
    ...(parts.kept && { people: createPeople(config, parts.kept) }),
    ...defined({ operatorToken: parts.operatorToken, oidc: parts.oidc }),
    tokenLogsIn: () =>
      parts.operatorToken !== undefined && (parts.oidc !== undefined || !asksForLogin(config, web?.current())),
    hasPasswords: () => Object.keys(web?.current().users ?? {}).length > 0,
  };

  /** Returns where a request without a login may go. */
  function placeOf(request: Request): ReturnType<typeof openPlace> {
    if (isLinkPlace(config, request)) return 'open';
    return parts.oidc && openPlace(request);
  }

  function only(isAllowed: (user: User) => boolean, refusal: string): RequestHandler {
    return (request, _response, next) => {
      const user = userOf(request);
      if (isAllowed(user)) return next();
      const { name, role, via } = user;
      const who = via === 'nothing' ? 'anonymous visitors' : `${name} (${role})`;
      throw new AppError('role-missing', `${who} cannot ${refusal}`);
    };
  }
}

/** Paths needed to follow a link of a notification, whose signature is checked by the handler. */
const isLinkPlace = ({ hooks }: Pick<ServiceConfig, 'hooks'>, { path }: Request) =>
  (path === acknowledgePath || path.startsWith('/assets/')) &&
  Object.values(hooks.channels).some(({ acknowledge }) => acknowledge);

/** Detects a reverse proxy on this machine, which makes every visitor look local. */
const cameByProxy = ({ headers }: Request) =>
  Object.keys(headers).some((name) => /^(forwarded|x-forwarded-.*|x-real-ip|via)$/.test(name));

/** Accepts `[::1]:8080`, `localhost:8080`, `127.0.0.1`. */
const hostNameIn = (host = '') => host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
