// Authenticates requests by token, trusted proxy, password or client certificate; if no login is configured, as anonymous viewer.

import { BlockList, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Request } from 'express';
import type { LoginWay } from '../../core/documents/access-review.ts';
import type { Clock } from '../../core/clock.ts';
import { createPasswordCheck, parseBasic, type PasswordCheck } from '../../exporter/http/basic-auth.ts';
import type { WebConfig } from '../../exporter/http/web-config-file.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import type { User } from './access.ts';
import type { KeptLogins } from './kept-logins.ts';
import { operatorSessionId, type OperatorToken } from './operator-token.ts';
import type { OidcLogin } from './oidc/oidc-login.ts';
import { mentionedGroups, rolesOfLogin, type RoleConfig } from './roles.ts';
import { isSameSecret } from './same-secret.ts';
import { sessionOf } from './session-cookie.ts';

/**
 * `in` with the user; `who` if a required login is missing or wrong; `no-role` for a known user without a role on any
 * cluster; `busy` if too many passwords of the address wait.
 */
type Login =
  | { kind: 'in'; user: User }
  | { kind: 'no-role'; name: string }
  | { kind: 'who'; challenge?: 'Basic' | 'Bearer' }
  | { kind: 'busy' };

export type CheckLogin = (request: Request, web: WebConfig | undefined) => Promise<Login>;

/** Whether a login is required. */
export function asksForLogin(
  config: Pick<ServiceConfig, 'trustedProxy' | 'oidc'>,
  web: WebConfig | undefined,
): boolean {
  return (
    config.trustedProxy !== undefined ||
    config.oidc !== undefined ||
    Object.keys(web?.users ?? {}).length > 0 ||
    verifiesClients(web)
  );
}

const verifiesClients = (web: WebConfig | undefined) =>
  web?.tls?.config.client_auth_type === 'RequireAndVerifyClientCert';

const longestName = 249;

export interface LoginParts {
  clock: Pick<Clock, 'now'>;
  operatorToken?: OperatorToken;
  /** Sessions opened by the identity provider. */
  oidc?: Pick<OidcLogin, 'sessionOf'>;
  /** Recorded sessions, and which of them have ended. */
  kept?: Pick<KeptLogins, 'note' | 'isEnded'>;
  /** Default: bcrypt in a worker thread. */
  passwords?: PasswordCheck;
}

export function createLoginCheck(
  config: RoleConfig & Pick<ServiceConfig, 'hooks'>,
  { clock, operatorToken, oidc, kept, passwords = createPasswordCheck() }: LoginParts,
): CheckLogin {
  const { trustedProxy, hooks } = config;
  const proxies = networksOf(trustedProxy?.addresses ?? []);
  const userNamed = (name: string, way: LoginWay, given: readonly string[] = []): Login => {
    const login = { way, groups: mentionedGroups(config, given) };
    const held = rolesOfLogin(config, { name, ...login });
    if (held === undefined) return { kind: 'no-role', name };
    return { kind: 'in', user: { name, ...held, via: 'login', login } };
  };

  return async (request, web) => {
    const bearer = bearerOf(request.get('Authorization'));
    if (bearer !== undefined && hooks.token !== undefined && isSameSecret(bearer, hooks.token.reveal())) {
      return { kind: 'in', user: { name: 'alertmanager', role: 'notifier', via: 'token' } };
    }
    const address = request.socket.remoteAddress ?? '';
    if (trustedProxy !== undefined && isIn(proxies, address)) {
      const name = request.get(trustedProxy.userHeader)?.trim() ?? '';
      // A comma means two joined headers, one of which the proxy did not set.
      if (name !== '' && name.length <= longestName && !name.includes(',')) {
        const held = (request.get(trustedProxy.rolesHeader) ?? '').split(',').map((role) => role.trim());
        return userNamed(name, 'proxy', held);
      }
    }
    const authorization = request.get('Authorization');
    if (oidc !== undefined) {
      const session = authorization === undefined ? oidc.sessionOf(request) : undefined;
      const way = 'identity-provider';
      const held = session && rolesOfLogin(config, { ...session, way });
      if (session !== undefined && held !== undefined) {
        const { id, ends, name, groups } = session;
        // Retries recording a session that could not be recorded when it was opened.
        kept?.note({ name, way, groups, session: { id, ends } });
        return { kind: 'in', user: { name: session.name, ...held, via: 'session' } };
      }
      // Fallback while the provider does not respond.
      const operator = operatorOf(request, bearer);
      if (operator !== undefined) return operator;
    }
    if (web !== undefined && Object.keys(web.users).length > 0) {
      const answer = await passwords.check(authorization, web.users, address);
      if (answer === 'busy') return { kind: 'busy' };
      const name = answer === 'right' ? parseBasic(authorization)?.user : undefined;
      return name === undefined ? { kind: 'who', challenge: 'Basic' } : userNamed(name, 'password');
    }
    if (verifiesClients(web)) {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      const name = [subject?.CN ?? ''].flat()[0] ?? '';
      return name === '' ? { kind: 'who' } : userNamed(name.slice(0, longestName), 'certificate');
    }
    if (trustedProxy !== undefined || oidc !== undefined) return { kind: 'who' };
    return visitorOfThisMachine(request, bearer);
  };

  function visitorOfThisMachine(request: Request, bearer: string | undefined): Login {
    const operator = operatorOf(request, bearer);
    if (operator !== undefined) return operator;
    if (bearer !== undefined) return { kind: 'who', challenge: 'Bearer' };
    return { kind: 'in', user: { name: 'anonymous', role: 'viewer', via: 'nothing' } };
  }

  /** Recognizes the operator token or a session opened with it. */
  function operatorOf(request: Request, bearer: string | undefined): Login | undefined {
    const operator = (via: User['via']): Login => ({ kind: 'in', user: { name: 'operator', role: 'admin', via } });
    if (bearer !== undefined) return operatorToken?.isRight(bearer) === true ? operator('token') : undefined;
    const session = sessionOf(request);
    if (session === undefined || operatorToken?.isSession(session, clock.now()) !== true) return undefined;
    return kept?.isEnded(operatorSessionId(session)) === true ? undefined : operator('session');
  }
}

/** RFC 6750. */
const bearerOf = (authorization = ''): string | undefined => /^Bearer +(\S+) *$/i.exec(authorization)?.[1];

function networksOf(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', length] = text.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (length === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(length), family);
  }
  return list;
}

/** An IPv4 peer of a socket that listens on IPv6 has the address ::ffff:10.0.0.1. */
function isIn(list: BlockList, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}
