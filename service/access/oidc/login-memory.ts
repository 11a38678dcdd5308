// Remembers which logins were used, and the tokens of sessions, in this process.

import type { Clock } from '../../../core/clock.ts';
import { keepNewest } from '../../../core/keep-newest.ts';

/** Above this number the oldest entries are dropped. */
const mostKept = 10_000;
/** Lower, because a token has some kilobytes. */
const mostTokens = 2000;

export type LoginMemory = ReturnType<typeof createLoginMemory>;

export function createLoginMemory(clock: Pick<Clock, 'now'>) {
  const used = new Map<string, number>();
  const tokens = new Map<string, string>();

  function forgetOld(map: Map<string, number>): void {
    const nowMs = clock.now().getTime();
    for (const [key, untilMs] of map) if (untilMs < nowMs) map.delete(key);
  }

  return {
    /** @returns false if the login was already used */
    use(state: string, untilMs: number): boolean {
      forgetOld(used);
      if (used.has(state)) return false;
      keepNewest(used, state, untilMs, mostKept);
      return true;
    },
    /** Stores the token, which is needed only for the logout at the provider. */
    keepToken: (session: string, idToken: string) => keepNewest(tokens, session, idToken, mostTokens),
    tokenOf: (session: string) => tokens.get(session),
    forgetToken: (session: string) => void tokens.delete(session),
  };
}
