// Stores logins and open sessions as files in the state folder, shared by both instances of a pair and kept on restart.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../../core/clock.ts';
import { loginWays, type LoginWay } from '../../core/documents/access-review.ts';
import type { Logger } from '../../core/log.ts';
import { makeFolder, replaceFileSync } from '../../core/files.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import type { EndedSessions } from './oidc/ended-sessions.ts';

/** File of one session, or of the last login for login methods without sessions. */
const KeptFile = z.strictObject({
  name: z.string(),
  way: z.enum(loginWays),
  /** Only groups that the config mentions. */
  groups: z.array(z.string()).readonly(),
  /** Milliseconds since the epoch; absent for a session opened before login times were recorded. */
  at: z.number().optional(),
  /** Id as in EndedSessions, and when the cookie expires. */
  session: z.strictObject({ id: z.string(), ends: z.number() }).optional(),
});
export type NotedLogin = z.output<typeof KeptFile>;

/** All logins of one person with one login method. */
export interface KeptPerson {
  name: string;
  way: LoginWay;
  /** Groups at the last login. */
  groups: readonly string[];
  lastLoginMs?: number;
  /** End of each open session, in milliseconds since the epoch. */
  sessionEnds: readonly number[];
}

export type KeptLogins = ReturnType<typeof openKeptLogins>;

/** A yearly review thus sees all logins since the last one. */
const keptMs = 400 * 86_400_000;
/** Above this number the set is cleared, and files are checked again. */
const mostNoted = 10_000;

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

export function openKeptLogins(
  stateDirectory: string,
  { ended, clock, log }: { ended: EndedSessions; clock: Pick<Clock, 'now'>; log: Pick<Logger, 'warn'> },
) {
  const root = join(stateDirectory, 'logins');
  const noted = new Set<string>();
  /** By file: logins that could not be written, so only this instance knows them. */
  const unwritten = new Map<string, NotedLogin>();
  const nowMs = () => clock.now().getTime();

  const folderOf = ({ name, way }: Pick<NotedLogin, 'name' | 'way'>) => join(root, digest(JSON.stringify([way, name])));
  const isOver = ({ session }: NotedLogin) => session === undefined || session.ends <= nowMs() || ended.has(session.id);

  function write(folder: string, file: string, login: NotedLogin): void {
    try {
      makeFolder(folder, { mode: 0o700 });
      // Replaced atomically, because both instances may write it while either reads.
      replaceFileSync(file, `${JSON.stringify(login)}\n`);
      unwritten.delete(file);
      for (const { path, kept } of filesIn(folder)) {
        if (path !== file && isOver(kept)) rmSync(path, { force: true });
      }
    } catch (cause) {
      const isReported = unwritten.has(file);
      unwritten.set(file, login);
      if (isReported) return;
      log.warn(
        { folder, reason: (cause as Error).message },
        'cannot record a login: other instances, and this one after a restart, can neither list nor end its session',
      );
    }
  }

  function namesIn(folder: string): readonly string[] {
    try {
      return readdirSync(folder);
    } catch (cause) {
      // No logins yet.
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') {
        log.warn({ folder, reason: (cause as Error).message }, 'cannot read recorded logins, so they are not listed');
      }
      return [];
    }
  }

  function* filesIn(folder: string): Iterable<{ path: string; kept: NotedLogin }> {
    for (const name of namesIn(folder)) {
      if (!name.endsWith('.json')) continue;
      const path = join(folder, name);
      const kept = readKept(path);
      if (kept !== undefined) yield { path, kept };
    }
  }

  function readKept(path: string): NotedLogin | undefined {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      // The other instance may have deleted it.
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      log.warn({ path, reason: (cause as Error).message }, 'cannot read a recorded login');
      return undefined;
    }
    const { data, error } = KeptFile.safeParse(parseJson(text));
    if (error !== undefined)
      log.warn({ path, reason: error.message }, 'a recorded login is damaged, so it is not listed');
    return data;
  }

  function* allFiles(): Iterable<{ path?: string; kept: NotedLogin }> {
    for (const name of namesIn(root)) yield* filesIn(join(root, name));
    for (const kept of unwritten.values()) yield { kept };
  }

  return {
    /** Skips a session that is already recorded; retries one that could not be written. */
    note(login: NotedLogin): void {
      const { name, way, session } = login;
      const folder = folderOf({ name, way });
      const file = join(folder, `${digest(session?.id ?? 'last')}.json`);
      if (session === undefined) return write(folder, file, login);
      // The first recorded login has the time; later requests of the session do not.
      const first = unwritten.get(file);
      if (noted.has(file) && first === undefined) return;
      if (noted.size >= mostNoted) noted.clear();
      noted.add(file);
      // The other instance may have written it.
      if (existsSync(file)) unwritten.delete(file);
      else write(folder, file, first ?? login);
    },
    all(): readonly KeptPerson[] {
      const people = new Map<string, KeptPerson>();
      const latest = (one = -Infinity, other = -Infinity) => Math.max(one, other);
      for (const { path, kept } of allFiles()) {
        const { name, way, groups, at, session } = kept;
        if (path !== undefined && isOver(kept) && latest(at, session?.ends) < nowMs() - keptMs) {
          rmSync(path, { force: true });
          continue;
        }
        const key = JSON.stringify([way, name]);
        const known = people.get(key);
        const last = latest(at, known?.lastLoginMs);
        people.set(key, {
          name,
          way,
          groups: known === undefined || (at !== undefined && at === last) ? groups : known.groups,
          ...(Number.isFinite(last) && { lastLoginMs: last }),
          sessionEnds: [
            ...(known?.sessionEnds ?? []),
            ...(session !== undefined && !isOver(kept) ? [session.ends] : []),
          ],
        });
      }
      return [...people.values()];
    },
    /** @returns the number of open sessions that were ended */
    endSessionsOf(name: string): number {
      let count = 0;
      for (const { kept } of allFiles()) {
        if (kept.name !== name || kept.session === undefined || isOver(kept)) continue;
        ended.end(kept.session.id, kept.session.ends);
        count++;
      }
      return count;
    },
    isEnded: (session: string) => ended.has(session),
    /** Ends a session on logout. */
    end: (session: string, untilMs: number) => ended.end(session, untilMs),
  };
}
