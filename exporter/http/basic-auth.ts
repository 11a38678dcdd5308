// Checks basic auth credentials against bcrypt hashes, with a cache.

import { createHmac, randomBytes } from 'node:crypto';
import { createPasswordQueue, type PasswordQueue } from './password-queue.ts';

/** Cached results, for correct and wrong passwords separately: scrapers are few and keep their passwords, and guesses cannot evict them. */
const mostAnswers = 100;

export type PasswordCheck = ReturnType<typeof createPasswordCheck>;

export function createPasswordCheck(queue: PasswordQueue = createPasswordQueue()) {
  const answers = { right: new Set<string>(), wrong: new Set<string>() };
  const key = randomBytes(32);

  return {
    /**
     * @param authorization header of the request
     * @param users bcrypt hash by name
     * @param address client address
     * @returns `busy` if too many requests already wait for a result
     */
    async check(authorization: string | undefined, users: Readonly<Record<string, string>>, address: string) {
      const given = parseBasic(authorization);
      const [anyHash] = Object.values(users);
      if (given === undefined || anyHash === undefined) return 'wrong';
      const isKnown = Object.hasOwn(users, given.user);
      // Unknown names take as long as known ones, so that response times reveal no names.
      const hash = (isKnown ? users[given.user] : undefined) ?? anyHash;
      const digest = createHmac('sha256', key)
        .update(JSON.stringify([given.user, hash, given.password]))
        .digest('base64');
      for (const kept of ['right', 'wrong'] as const) if (answers[kept].has(digest)) return kept;
      const compared = queue.compare(address, given.password, hash);
      if (compared === undefined) return 'busy';
      const answer = (await compared) && isKnown ? 'right' : 'wrong';
      const [oldest] = answers[answer];
      if (answers[answer].size >= mostAnswers && oldest !== undefined) answers[answer].delete(oldest);
      answers[answer].add(digest);
      return answer;
    },
  };
}

/** RFC 7617: `Basic` and base64 of `user:password`. */
export function parseBasic(authorization: string | undefined): { user: string; password: string } | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
