// Reads the file of waivers.

import { parseWaivers, type Waiver } from '../../ops/cluster-check/waivers.ts';
import { readBounded } from '../files/read-bounded.ts';

/** A waiver for each rule on each of 200 brokers, with a reason of a line, is less. */
const mostBytes = 4 * 2 ** 20;

/** @param path none where it is not given. @throws AppError not-found, no-permission, waivers-unreadable */
export async function readWaivers(
  path: unknown,
  rules: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<Waiver[]> {
  if (typeof path !== 'string') return [];
  const text = await readBounded(path, { signal }, { most: mostBytes, fault: 'waivers-unreadable' });
  return parseWaivers(text, path, rules);
}
