// Requests the same value of several files at once; files that cannot be read are absent.

import { ignoreFault } from '../../core/errors.ts';

export async function answersOf<T>(
  paths: readonly string[],
  ask: (path: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const unread = ignoreFault('a file that cannot be read has no answer');
  const answers = await Promise.all(paths.map((path) => ask(path).then((answer) => [path, answer] as const, unread)));
  return new Map(answers.filter((answer) => answer !== undefined));
}
