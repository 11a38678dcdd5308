// Defines visitors, their roles and the gates that API, pages and hooks use; service/access/create-access.ts implements them.

import type { Request, RequestHandler } from 'express';
import type { roles } from '../../app/config/service.ts';
import type { OperatorToken } from './operator-token.ts';

export type Role = (typeof roles)[number];

export interface User {
  name: string;
  role: Role;
  /** How the visitor was recognised: `nothing` is an anonymous visitor, `session` a browser that gave the operator token. */
  via: 'nothing' | 'session' | 'token' | 'login';
}

export interface Access {
  /** Of a request that was let in. */
  userOf(request: Request): User;
  /** Passes on operators only. @throws AppError role-missing */
  operatorsOnly: RequestHandler;
  /** Passes on those who may post alerts: operators and notifiers. @throws AppError role-missing */
  notifiersOnly: RequestHandler;
  /** Where no other login is configured: what turns an anonymous visitor into an operator. */
  operatorToken?: OperatorToken;
}
