// Stores sessions ended by a logout as files in the state folder, shared by both instances of a pair and kept on restart.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/log.ts';
import { makeFolder } from '../../../core/files.ts';

export type EndedSessions = ReturnType<typeof openEndedSessions>;

export function openEndedSessions(
  stateDirectory: string,
  { clock, log }: { clock: Pick<Clock, 'now'>; log: Pick<Logger, 'warn'> },
) {
  const folder = join(stateDirectory, 'ended-sessions');
  const fileOf = (session: string) => join(folder, createHash('sha256').update(session).digest('hex'));
  /** Sessions ended by this instance: effective even if the files cannot be written. */
  const own = new Set<string>();

  /** The modification time of a file is when its cookie expires. */
  function deleteExpired(): void {
    const nowMs = clock.now().getTime();
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      // The other instance may delete the file at the same time.
      const found = statSync(file, { throwIfNoEntry: false });
      if (found !== undefined && found.mtimeMs < nowMs) rmSync(file, { force: true });
    }
  }

  return {
    /** @param untilMs when the cookie of the session would have expired */
    end(session: string, untilMs: number): void {
      own.add(session);
      try {
        makeFolder(folder, { mode: 0o700 });
        const file = fileOf(session);
        writeFileSync(file, '', { mode: 0o600 });
        utimesSync(file, new Date(untilMs), new Date(untilMs));
        deleteExpired();
      } catch (cause) {
        log.warn(
          { folder, reason: (cause as Error).message },
          'cannot record a logout: other instances, and this one after a restart, accept a copy of its cookie until it expires',
        );
      }
    },
    has: (session: string) => own.has(session) || existsSync(fileOf(session)),
  };
}
