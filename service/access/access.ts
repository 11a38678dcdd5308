// Defines visitors, their roles and the gates of API, pages and hooks; service/access/create-access.ts implements them.

import type { Request, RequestHandler } from 'express';
import type { LoginWay } from '../../core/documents/access-review.ts';
import type { Rank, Role } from '../../core/roles.ts';
import type { OidcLogin } from './oidc/oidc-login.ts';
import type { OperatorToken } from './operator-token.ts';
import type { People } from './people.ts';

/** Role on the clusters that are named or match a pattern. */
export interface ClusterRole {
  role: Rank;
  patterns: readonly string[];
  clusters: readonly string[];
}

export interface User {
  name: string;
  /** For a request that names a cluster: the role on that cluster. Otherwise the role on all clusters. */
  role: Role;
  /** How the visitor was recognized: `nothing` is an anonymous visitor, `session` a browser that sent the operator token. */
  via: 'nothing' | 'session' | 'token' | 'login';
  /** Roles on some clusters, in addition to the role on all clusters. */
  on?: readonly ClusterRole[];
  /** Set if the user sees only the clusters of `on`. */
  isLimited?: true;
  /** For users who log in with every request: the login method, and the groups that the config mentions. */
  login?: { way: LoginWay; groups: readonly string[] };
}

export interface Access {
  /** Returns the user of a request that passed the guard. */
  userOf(request: Request): User;
  /** Passes requests of operators of at least one cluster; recordChange decides for which. @throws AppError role-missing */
  operatorsOnly: RequestHandler;
  /** Passes requests of admins of at least one cluster; `people` decides which entries they see. @throws AppError role-missing */
  adminsOnly: RequestHandler;
  /** Passes requests of users who may post alerts: operators and notifiers. @throws AppError role-missing */
  notifiersOnly: RequestHandler;
  /** Checks the role again for an open stream, because the session may have ended or the role may have been removed. */
  isStill(role: Rank, request: Request): Promise<boolean>;
  /** Whether the user may see who logged in and out. */
  seesLogins(user: User): boolean;
  /** Recorded logins; absent if no store records them. */
  people?: People;
  /** Token that makes a visitor an operator if `tokenLogsIn`, and signs the links of notifications. */
  operatorToken?: OperatorToken;
  /** Whether the operator token currently opens a session: any other login except an identity provider replaces it. */
  tokenLogsIn(): boolean;
  /** Login with an identity provider; absent if not configured. */
  oidc?: OidcLogin;
  /** Whether the web config file currently has users. */
  hasPasswords(): boolean;
}
