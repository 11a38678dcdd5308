// Records who logged in and out, and logins that failed: of users who log in with every request the first page in twelve hours.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { History } from '../history/history.ts';
import type { User } from './access.ts';
import type { KeptLogins } from './kept-logins.ts';
import { sessionSeconds } from './operator-token.ts';

/** Beyond this many all are forgotten, and each is recorded again at its next request. */
const mostUsers = 10_000;

export type LoginRecord = ReturnType<typeof createLoginRecord>;

/** Of one name and UTC day: guesses and broken clients do not fill the history, which keeps these entries. */
const mostFailuresPerDay = 60;
const dayMs = 86_400_000;

/** @param kept for the access review */
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
      // A full disk must not lock anybody out; the history reports it.
      if (!(cause instanceof AppError)) throw cause;
    }
  }

  return {
    /** A user of a password, certificate or proxy, who logs in with every request. */
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
      // Now, since the process may end before the day does.
      const after = count > mostFailuresPerDay ? 'further failed logins of this UTC day are not listed' : reason;
      record(name, { what: 'login-failed', after });
    },
    close: (name: string) => record(name, { what: 'logged-out' }),
  };
}
