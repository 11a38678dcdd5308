// Is this user who the request says? bcrypt, once for each pair of name and password.

import { createHmac, randomBytes } from 'node:crypto';
import { compare as compareWithHash } from 'bcryptjs';

/** Answers kept, right ones and wrong ones; scrapers are few and their passwords do not change. */
const mostAnswers = 100;

export interface PasswordCheck {
  /** @param authorization the request's header. @param users bcrypt hash by name */
  allows(authorization: string | undefined, users: Readonly<Record<string, string>>): Promise<boolean>;
}

export function createPasswordCheck(): PasswordCheck {
  const answers = new Map<string, boolean>();
  const key = randomBytes(32);
  let last: Promise<unknown> = Promise.resolve();

  /** One hash at a time, in slices: whoever guesses passwords does not hold up the scrapes of others. */
  function compare(password: string, hash: string): Promise<boolean> {
    const answer = last.then(() => compareWithHash(password, hash));
    last = answer.catch(() => {});
    return answer;
  }

  return {
    async allows(authorization, users) {
      const given = parseBasic(authorization);
      const [anyHash] = Object.values(users);
      if (given === undefined || anyHash === undefined) return false;
      const isKnown = Object.hasOwn(users, given.user);
      // A name that is not there takes as long as one that is, so that nobody learns names by the clock.
      const hash = (isKnown ? users[given.user] : undefined) ?? anyHash;
      const digest = createHmac('sha256', key)
        .update(JSON.stringify([given.user, hash, given.password]))
        .digest('base64');
      const known = answers.get(digest);
      if (known !== undefined) return known;
      const isRight = (await compare(given.password, hash)) && isKnown;
      const [oldest] = answers.keys();
      if (answers.size >= mostAnswers && oldest !== undefined) answers.delete(oldest);
      answers.set(digest, isRight);
      return isRight;
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
