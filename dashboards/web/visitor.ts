// Defines the reader of a page, and where to log in and out.

import { isAtLeast, type Role } from '../../core/roles.ts';

export interface Visitor {
  name: string;
  role: Role;
  /** `nothing`: anonymous; `session`: a browser that logged in on the login page. */
  via: 'nothing' | 'session' | 'token' | 'login';
  /** Whether the visitor is admin of at least one cluster. */
  isAdmin?: true;
}

/** Whether the visitor is an operator of the page's cluster, or of all clusters if the page has none. */
export const mayOperate = (visitor: Pick<Visitor, 'role'> | undefined): boolean =>
  visitor !== undefined && isAtLeast(visitor.role, 'operator');

export const loginPath = '/login';
export const logoutPath = '/logout';
export const peoplePath = '/people';
