// Finds who a request comes from: by a token, a trusted proxy, a password or a client certificate; else an anonymous viewer where no login is configured.

import { BlockList, isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Request } from 'express';
import type { Clock } from '../../core/clock.ts';
import { createPasswordCheck, parseBasic, type PasswordCheck } from '../../exporter/http/basic-auth.ts';
import type { WebConfig } from '../../exporter/http/web-config-file.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import type { Role, User } from './access.ts';
import type { OperatorToken } from './operator-token.ts';
import { isSameSecret } from './same-secret.ts';
import { sessionOf } from './session-cookie.ts';

/** `in` with the user; `who` when a required login is missing or wrong; `busy` when too many passwords of the address wait. */
export type Login = { kind: 'in'; user: User } | { kind: 'who'; challenge?: 'Basic' | 'Bearer' } | { kind: 'busy' };

export type CheckLogin = (request: Request, web: WebConfig | undefined) => Promise<Login>;

/** Whether anybody has to log in at all. */
export function asksForLogin(config: Pick<ServiceConfig, 'trustedProxy'>, web: WebConfig | undefined): boolean {
  return config.trustedProxy !== undefined || Object.keys(web?.users ?? {}).length > 0 || verifiesClients(web);
}

const verifiesClients = (web: WebConfig | undefined) =>
  web?.tls?.config.client_auth_type === 'RequireAndVerifyClientCert';

const longestName = 249;

export interface LoginParts {
  clock: Pick<Clock, 'now'>;
  operatorToken?: OperatorToken;
  /** Default: bcrypt in a thread. */
  passwords?: PasswordCheck;
}

export function createLoginCheck(
  { users, trustedProxy, hooks }: Pick<ServiceConfig, 'users' | 'trustedProxy' | 'hooks'>,
  { clock, operatorToken, passwords = createPasswordCheck() }: LoginParts,
): CheckLogin {
  const proxies = networksOf(trustedProxy?.addresses ?? []);
  const userNamed = (name: string, role: Role = 'viewer'): Login => ({
    kind: 'in',
    // Own names only: config is no prototype.
    user: { name, role: Object.hasOwn(users, name) ? (users[name] ?? role) : role, via: 'login' },
  });

  return async (request, web) => {
    const bearer = bearerOf(request.get('Authorization'));
    if (bearer !== undefined && hooks.token !== undefined && isSameSecret(bearer, hooks.token.reveal())) {
      return { kind: 'in', user: { name: 'alertmanager', role: 'notifier', via: 'token' } };
    }
    const address = request.socket.remoteAddress ?? '';
    if (trustedProxy !== undefined && isIn(proxies, address)) {
      const name = request.get(trustedProxy.userHeader)?.trim() ?? '';
      // Two headers are joined by a comma: one of them is not the proxy's.
      if (name !== '' && name.length <= longestName && !name.includes(',')) {
        const held = (request.get(trustedProxy.rolesHeader) ?? '').split(',').map((role) => role.trim());
        const isOperator = held.some((role) => trustedProxy.operators.includes(role));
        return userNamed(name, isOperator ? 'operator' : 'viewer');
      }
    }
    if (web !== undefined && Object.keys(web.users).length > 0) {
      const authorization = request.get('Authorization');
      const answer = await passwords.check(authorization, web.users, address);
      if (answer === 'busy') return { kind: 'busy' };
      const name = answer === 'right' ? parseBasic(authorization)?.user : undefined;
      return name === undefined ? { kind: 'who', challenge: 'Basic' } : userNamed(name);
    }
    if (verifiesClients(web)) {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      const name = [subject?.CN ?? ''].flat()[0] ?? '';
      return name === '' ? { kind: 'who' } : userNamed(name.slice(0, longestName));
    }
    if (trustedProxy !== undefined) return { kind: 'who' };
    return visitorOfThisMachine(request, bearer);
  };

  function visitorOfThisMachine(request: Request, bearer: string | undefined): Login {
    const operator = (via: User['via']): Login => ({ kind: 'in', user: { name: 'operator', role: 'operator', via } });
    if (bearer !== undefined) {
      return operatorToken?.isRight(bearer) === true ? operator('token') : { kind: 'who', challenge: 'Bearer' };
    }
    const session = sessionOf(request);
    if (session !== undefined && operatorToken?.isSession(session, clock.now()) === true) return operator('session');
    return { kind: 'in', user: { name: 'anonymous', role: 'viewer', via: 'nothing' } };
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
