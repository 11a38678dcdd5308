// Who asks, and what may they do? What API and pages are told; service/access/create-access.ts decides it.

import type { Request, RequestHandler } from 'express';

export const roles = ['viewer', 'operator'] as const;
export type Role = (typeof roles)[number];

export interface User {
  /** `anonymous` where nobody logs in. */
  name: string;
  role: Role;
}

export interface Access {
  /** Of a request that was let in. */
  userOf(request: Request): User;
  /** Passes on operators only. @throws AppError role-missing */
  operatorsOnly: RequestHandler;
}
