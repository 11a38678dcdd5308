// Defines visitors, their roles and the gates that API, pages and hooks use; service/access/create-access.ts implements them.

import type { Request, RequestHandler } from 'express';
import type { LoginWay } from '../../core/documents/access-review.ts';
import type { Rank, Role } from '../../core/roles.ts';
import type { OidcLogin } from './oidc/oidc-login.ts';
import type { OperatorToken } from './operator-token.ts';
import type { People } from './people.ts';

/** On the clusters that are named, or match a pattern. */
export interface ClusterRole {
  role: Rank;
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
  /** Of who logs in with every request: how, and the groups that the config mentions. */
  login?: { way: LoginWay; groups: readonly string[] };
}

export interface Access {
  /** Of a request that was let in. */
  userOf(request: Request): User;
  /** Passes on operators of at least one cluster; recordChange decides on which. @throws AppError role-missing */
  operatorsOnly: RequestHandler;
  /** Passes on admins of at least one cluster; `people` decides what of which they see. @throws AppError role-missing */
  adminsOnly: RequestHandler;
  /** Passes on those who may post alerts: operators and notifiers. @throws AppError role-missing */
  notifiersOnly: RequestHandler;
  /** Asks again, for a stream that stays open: its session may have ended, or the role been taken away. */
  isStill(role: Rank, request: Request): Promise<boolean>;
  /** Whether the user may see who logged in and out. */
  seesLogins(user: User): boolean;
  /** Who logged in; absent where nothing keeps it. */
  people?: People;
  /** What turns a visitor into an operator where `tokenLogsIn`, and signs the links of notifications. */
  operatorToken?: OperatorToken;
  /** Whether the operator token opens a session now: another login, unless it is an identity provider, replaces it. */
  tokenLogsIn(): boolean;
  /** Where an identity provider logs people in. */
  oidc?: OidcLogin;
  /** Whether the web config file has users now. */
  hasPasswords(): boolean;
}
