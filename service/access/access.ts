// Defines visitors, their roles and the gates that API, pages and hooks use; service/access/create-access.ts implements them.

import type { Request, RequestHandler } from 'express';
import type { roles } from '../../app/config/service.ts';
import type { OidcLogin } from './oidc/oidc-login.ts';
import type { OperatorToken } from './operator-token.ts';

export type Role = (typeof roles)[number];

/** On the clusters that are named, or match a pattern. */
export interface ClusterRole {
  role: 'viewer' | 'operator';
  patterns: readonly string[];
  clusters: readonly string[];
}

export interface User {
  name: string;
  /** Of a request that names a cluster: on that one. Else on all clusters. */
  role: Role;
  /** How the visitor was recognised: `nothing` is an anonymous visitor, `session` a browser that gave the operator token. */
  via: 'nothing' | 'session' | 'token' | 'login';
  /** Roles on some clusters, beside the one on all. */
  on?: readonly ClusterRole[];
  /** Sees no clusters but those of `on`. */
  isLimited?: true;
}

export interface Access {
  /** Of a request that was let in. */
  userOf(request: Request): User;
  /** Passes on operators of at least one cluster; recordChange decides on which. @throws AppError role-missing */
  operatorsOnly: RequestHandler;
  /** Passes on those who may post alerts: operators and notifiers. @throws AppError role-missing */
  notifiersOnly: RequestHandler;
  /** What turns a visitor into an operator where no other login is configured, and beside an identity provider. */
  operatorToken?: OperatorToken;
  /** Where an identity provider logs people in. */
  oidc?: OidcLogin;
  /** Whether the web config file has users now. */
  hasPasswords(): boolean;
}
