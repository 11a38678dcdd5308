// Asks for the name of the cluster before it is changed: typed by hand, or given in a script.

import { createInterface } from 'node:readline/promises';
import { AppError } from '../core/errors.ts';
import type { CommandIo } from './command.ts';

/** @param name what has to be typed. @throws AppError usage when something else was, or nobody can be asked */
export async function confirm(
  { options, stderr, signal }: Pick<CommandIo, 'options' | 'stderr' | 'signal'>,
  name: string,
  what: string,
): Promise<void> {
  const given = options['confirm'];
  if (typeof given === 'string') {
    if (given === name) return;
    throw new AppError('usage', `--confirm ${given} is not the name of the cluster, ${name}: nothing was changed`);
  }
  if (!process.stdin.isTTY || !stderr.isTerminal) {
    throw new AppError('usage', `this changes cluster ${name}, and nobody can be asked here: nothing was changed`, {
      hint: `type --confirm ${name}`,
    });
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await lines.question(`${what}\nType the name of the cluster (${name}) to begin: `, { signal });
    if (typed.trim() !== name)
      throw new AppError('usage', `${JSON.stringify(typed.trim())} is not ${name}: nothing was changed`);
  } finally {
    lines.close();
  }
}
