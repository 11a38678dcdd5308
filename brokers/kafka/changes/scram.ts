// Lists, creates and deletes SCRAM credentials of users (Kafka 2.7 and later; with KRaft 3.5 and later).

import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { alterUserScramCredentialsV0, describeUserScramCredentialsV0 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { newestSpoken, type Link } from '../wire/links.ts';
import { refuse } from './settings.ts';

export const scramMechanisms = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
type ScramMechanism = (typeof scramMechanisms)[number];

export interface ScramCredential {
  user: string;
  mechanism: ScramMechanism;
  iterations: number;
}

/** Numbers of mechanisms, from Kafka's ScramMechanism. */
const numbers: Record<ScramMechanism, number> = { 'SCRAM-SHA-256': 1, 'SCRAM-SHA-512': 2 };
const hashes: Record<ScramMechanism, { name: string; bytes: number }> = {
  'SCRAM-SHA-256': { name: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { name: 'sha512', bytes: 64 },
};
const saltBytes = 24;
const userNotFound = 91;

/** Never reads passwords. @throws AppError broker-refused without DescribeUserScramCredentials on the cluster */
export async function readScramCredentials(link: Link, user: string, io: Io): Promise<ScramCredential[]> {
  const api = newestSpoken(link, describeUserScramCredentialsV0.api);
  const action = `read the SCRAM credentials of ${user}`;
  const answer = await link.askForParts(action, io, api, [{ name: user }]);
  refuse(link, { action, api: 'DescribeUserScramCredentials' }, answer.errorCode, answer.errorMessage);
  const [result] = answer.results;
  if (result === undefined || result.errorCode === userNotFound) return [];
  refuse(link, { action, api: 'DescribeUserScramCredentials' }, result.errorCode, result.errorMessage);
  return result.credentialInfos.flatMap(({ mechanism, iterations }) => {
    const name = scramMechanisms.find((each) => numbers[each] === mechanism);
    return name === undefined ? [] : [{ user, mechanism: name, iterations }];
  });
}

/**
 * Sends the salted hash of the password (RFC 5802 §3, PBKDF2), never the password itself.
 *
 * @throws AppError as the controller answers
 */
export async function setScramCredential(
  link: Link,
  { user, mechanism, iterations }: ScramCredential,
  password: string,
  io: Io,
): Promise<void> {
  const salt = randomBytes(saltBytes);
  const { name, bytes } = hashes[mechanism];
  // Kafka reads passwords as UTF-8 without SASLprep.
  const saltedPassword = await promisify(pbkdf2)(password, salt, iterations, bytes, name);
  const wanted = { name: user, mechanism: numbers[mechanism], iterations, salt, saltedPassword };
  await alterScram(link, `set the ${mechanism} password of ${user}`, [], [wanted], io);
}

/** A missing credential is no error. @throws AppError as the controller answers */
export async function deleteScramCredential(
  link: Link,
  { user, mechanism }: Pick<ScramCredential, 'user' | 'mechanism'>,
  io: Io,
): Promise<void> {
  const gone = { name: user, mechanism: numbers[mechanism] };
  await alterScram(link, `delete the ${mechanism} password of ${user}`, [gone], [], io);
}

type Alteration = Parameters<typeof alterUserScramCredentialsV0.createRequest>;

async function alterScram(
  link: Link,
  action: string,
  deletions: Alteration[0],
  upsertions: Alteration[1],
  io: Io,
): Promise<void> {
  const api = newestSpoken(link, alterUserScramCredentialsV0.api);
  const { results } = await link.askForParts(action, io, api, deletions, upsertions);
  const [result] = results;
  if (result?.errorCode === userNotFound && upsertions.length === 0) return;
  refuse(link, { action, api: 'AlterUserScramCredentials' }, result?.errorCode, result?.errorMessage);
}
