// Records logins, logouts and failed logins; for users who log in with every request, one login per twelve hours.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { History } from '../history/history.ts';
import type { User } from './access.ts';
import type { KeptLogins } from './kept-logins.ts';
import { sessionSeconds } from './operator-token.ts';

/** Above this number the map is cleared, and each user is recorded again at the next request. */
const mostUsers = 10_000;

export type LoginRecord = ReturnType<typeof createLoginRecord>;

/**
 * Limit per name and UTC day, because these entries stay in the history, which guesses and broken clients would
 * otherwise fill.
 */
const mostFailuresPerDay = 60;
const dayMs = 86_400_000;

/** @param kept store for the access review */
export function createLoginRecord(
  history: Pick<History, 'append'>,
  clock: Pick<Clock, 'now'>,
  kept?: Pick<KeptLogins, 'note'>,
) {
  const seen = new Map<string, number>();
  const failures = { day: 0, counts: new Map<string, number>() };

  function record(name: string, document: { what: 'logged-in' | 'logged-out' | 'login-failed'; after?: string }): void {
    try {
      history.append({ kind: 'change', document }, { name, through: 'page' });
    } catch (cause) {
      // A full disk must not lock out users; the history reports the fault.
      if (!(cause instanceof AppError)) throw cause;
    }
  }

  return {
    /** Records a user of a password, certificate or proxy, who logs in with every request. */
    see({ name, role, via, login }: User): void {
      const nowMs = clock.now().getTime();
      if (via !== 'login' || nowMs - (seen.get(name) ?? -Infinity) < sessionSeconds * 1000) return;
      if (seen.size >= mostUsers) seen.clear();
      seen.set(name, nowMs);
      record(name, { what: 'logged-in', after: role });
      if (login !== undefined) kept?.note({ name, ...login, at: nowMs });
    },
    /** @param how such as `operator token` */
    open: (name: string, how: string) => record(name, { what: 'logged-in', after: how }),
    /** @param reason without tokens and secrets */
    fail(name: string, reason: string): void {
      const day = Math.floor(clock.now().getTime() / dayMs);
      if (failures.day !== day) failures.counts.clear();
      failures.day = day;
      const count = (failures.counts.get(name) ?? 0) + 1;
      failures.counts.set(name, count);
      if (count > mostFailuresPerDay + 1) return;
      // Recorded now and not at the end of the day, because the process may end earlier.
      const after = count > mostFailuresPerDay ? 'further failed logins of this UTC day are not listed' : reason;
      record(name, { what: 'login-failed', after });
    },
    close: (name: string) => record(name, { what: 'logged-out' }),
  };
}
