// Names who runs a command, and where.

import { hostname, userInfo } from 'node:os';
import type { Caller } from '../caller.ts';

export function operator({ environment: { USER } }: Pick<Caller, 'environment'>): { owner: string; host: string } {
  return { owner: ownName() ?? USER ?? `user ${process.getuid?.() ?? 'unknown'}`, host: hostname() };
}

/** @returns undefined in a container whose user id has no name */
export function ownName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
