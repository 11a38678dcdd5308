// Names who runs a command, and where.

import { hostname, userInfo } from 'node:os';
import type { Caller } from '../caller.ts';

export function operator({ environment }: Pick<Caller, 'environment'>): { owner: string; host: string } {
  return { owner: userName(environment), host: hostname() };
}

/** A container may run as a number that has no name. */
function userName({ USER }: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    return USER ?? `user ${process.getuid?.() ?? 'unknown'}`;
  }
}
