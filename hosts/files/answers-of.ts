// Asks the same of several files at once; one that cannot be read has no answer.

import { ignoreFault } from '../../core/ignore-fault.ts';

export async function answersOf<T>(
  paths: readonly string[],
  ask: (path: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const unread = ignoreFault('a file that cannot be read has no answer');
  const answers = await Promise.all(paths.map((path) => ask(path).then((answer) => [path, answer] as const, unread)));
  return new Map(answers.filter((answer) => answer !== undefined));
}
