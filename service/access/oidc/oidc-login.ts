// Logs browsers in with the identity provider: starts and finishes logins, and stores sessions in signed cookies.

import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { z } from 'zod';
import type { ServiceConfig } from '../../../app/config/service.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/log.ts';
import { heldRoles, mentionedGroups } from '../roles.ts';
import { cookieOf } from '../session-cookie.ts';
import type { KeptLogins } from '../kept-logins.ts';
import { LoginFault } from './login-fault.ts';
import type { LoginMemory } from './login-memory.ts';
import { createProvider, type Pending } from './provider.ts';
import { createSealer } from './sealed.ts';

export const callbackPath = '/login/callback';
export const loggedOutPath = '/login/out';

/** Allows time to type a password and a second factor. */
const pendingSeconds = 600;
const longestName = 249;
/** Browsers limit a cookie to 4 KB including its name. */
const longestSession = 3500;

const PendingCookie = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  next: z.string(),
  ends: z.number(),
});
const SessionCookie = z.strictObject({
  id: z.string(),
  name: z.string(),
  groups: z.array(z.string()),
  /** Milliseconds since the epoch. */
  ends: z.number(),
});

export type OidcLogin = NonNullable<ReturnType<typeof openOidcLogin>>;

/** @returns undefined if the config has no `oidc` */
export function openOidcLogin(
  config: Pick<ServiceConfig, 'oidc' | 'publicUrl' | 'roles' | 'domains'>,
  {
    secret,
    memory,
    kept,
    clock,
    log,
  }: {
    /** Key that signs cookies. */
    secret: string;
    memory: LoginMemory;
    kept: Pick<KeptLogins, 'note' | 'isEnded' | 'end'>;
    clock: Pick<Clock, 'now'>;
    log: Pick<Logger, 'warn'>;
  },
) {
  const { oidc } = config;
  if (oidc === undefined || config.publicUrl === undefined) return undefined;
  const publicUrl = config.publicUrl.replace(/\/+$/, '');
  const { protocol, port, pathname } = new URL(publicUrl);
  const provider = createProvider(oidc, { redirectUri: `${publicUrl}${callbackPath}`, clock, log });
  const [sessions, logins] = [createSealer(secret, 'oidc session'), createSealer(secret, 'oidc login')];
  // The name contains the port, because browsers send a cookie to every port of a host; both instances of a pair read
  // the cookie.
  const cookieName = `plimsoll-oidc-${port === '' ? protocol.slice(0, -1) : port}`;
  // `lax` sends the cookie when a user follows a link from another site, which is safe because GET changes nothing
  // here.
  const cookie = { httpOnly: true, sameSite: 'lax', secure: protocol === 'https:', path: pathname } as const;
  const pendingName = (state: string) => `${cookieName}-login-${state.slice(0, 12)}`;
  const nowMs = () => clock.now().getTime();

  function readSession(request: Request) {
    const text = cookieOf(request, cookieName);
    const session = text === undefined ? undefined : sessions.open(text, SessionCookie);
    if (session === undefined || session.ends <= nowMs() || kept.isEnded(session.id)) return undefined;
    return session;
  }

  function readPending(request: Request, response: Response): Pending & { next: string } {
    const { state } = request.query;
    if (typeof state !== 'string' || state === '') throw new LoginFault('state-missing', 'the URL has no `state`');
    const text = cookieOf(request, pendingName(state));
    const pending = text === undefined ? undefined : logins.open(text, PendingCookie);
    response.clearCookie(pendingName(state), cookie);
    if (pending?.state !== state)
      throw new LoginFault('state-missing', 'this browser started no login with this `state`');
    if (pending.ends <= nowMs()) throw new LoginFault('state-expired', `older than ${pendingSeconds / 60} minutes`);
    if (!memory.use(state, pending.ends)) throw new LoginFault('state-used');
    return pending;
  }

  return {
    provider,
    /** As configured. */
    issuer: oidc.issuer,
    /** Address of the service for users, without a slash at the end. */
    publicUrl,
    /** @returns undefined without a session or after its end */
    sessionOf: readSession,
    /**
     * Sets a cookie and starts a login.
     *
     * @param next path to open after the login
     * @param asksAgain lets a user who is logged in at the provider choose another account
     * @returns address of the provider. @throws LoginFault
     */
    async begin(response: Response, next: string, asksAgain: boolean): Promise<URL> {
      const { address, pending } = await provider.begin(asksAgain);
      const sealed = logins.seal({ ...pending, next, ends: nowMs() + pendingSeconds * 1000 });
      response.cookie(pendingName(pending.state), sealed, { ...cookie, maxAge: pendingSeconds * 1000 });
      return address;
    },
    /** Sets the session cookie. @returns the user, and the path to open. @throws LoginFault */
    async finish(request: Request, response: Response): Promise<{ name: string; next: string }> {
      const pending = readPending(request, response);
      const query = new URL(request.originalUrl, publicUrl).search;
      const { name, groups, idToken, endsMs } = await provider.finish(
        new URL(`${publicUrl}${callbackPath}${query}`),
        pending,
      );
      const shownName = name.slice(0, longestName);
      if (heldRoles(config, { groups }) === undefined) throw new NoRole(shownName, groups);
      const now = nowMs();
      const ends = Math.min(now + oidc.session * 1000, endsMs ?? Infinity);
      if (ends <= now) throw new LoginFault('token-expired', 'the provider has already ended the session');
      const id = randomBytes(18).toString('base64url');
      const mentioned = mentionedGroups(config, groups);
      const sealed = sessions.seal({ id, name: shownName, groups: mentioned, ends });
      if (sealed.length > longestSession) throw new LoginFault('too-many-groups', 'they do not fit into a cookie');
      const login = { name: shownName, way: 'identity-provider', groups: mentioned } as const;
      kept.note({ ...login, at: now, session: { id, ends } });
      memory.keepToken(id, idToken);
      response.cookie(cookieName, sealed, { ...cookie, maxAge: ends - now });
      return { name: shownName, next: pending.next };
    },
    /** Ends the session here. @returns its user, and the address where the provider ends its session */
    logOut(request: Request, response: Response): { name: string; address?: URL } | undefined {
      const session = readSession(request);
      response.clearCookie(cookieName, cookie);
      if (session === undefined) return undefined;
      const address = provider.logoutAddress(memory.tokenOf(session.id), `${publicUrl}${loggedOutPath}`);
      memory.forgetToken(session.id);
      kept.end(session.id, session.ends);
      return { name: session.name, ...(address && { address }) };
    },
  };
}

/** A user known to the provider but without a role in `service.roles`. */
export class NoRole extends LoginFault {
  readonly user: string;
  readonly groups: readonly string[];

  constructor(user: string, groups: readonly string[]) {
    super('no-role', groups.length === 0 ? 'no groups' : `groups: ${groups.join(', ')}`);
    this.user = user;
    this.groups = groups;
  }
}
