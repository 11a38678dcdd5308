// Parses the parameter, its two values and the bundles of each side.

import { AppError } from '../../core/errors.ts';
import type { Side } from '../../analyzer/review/ab-test/effect.ts';

export interface Question {
  parameter: string;
  a: string;
  b: string;
}

const shown = 'write it like num.io.threads=8,16';

/** @throws AppError usage */
export function questionOf(word: string | undefined): Question {
  if (word === undefined) throw new AppError('usage', 'the parameter and its two values are missing', { hint: shown });
  const [, parameter, values] = /^([\w.-]+)=(.+)$/.exec(word) ?? [];
  const [a, b, another] = values?.split(',').map((value) => value.trim()) ?? [];
  if (parameter === undefined || !a || !b || another !== undefined) {
    throw new AppError('usage', `${word} does not name a parameter and two values`, { hint: shown });
  }
  if (a === b) throw new AppError('usage', `${word}: both values are ${a}`);
  return { parameter, a, b };
}

/** `A=runs/1,runs/4` or `8=runs/1,runs/4`, one argument per side. @throws AppError usage */
export function bundlesOf(args: readonly string[], { a, b }: Question): { side: Side; directory: string }[] {
  const found = args.flatMap((word) => {
    const at = word.indexOf('=');
    const label = word.slice(0, at);
    const side = { A: 'a' as const, B: 'b' as const, [a]: 'a' as const, [b]: 'b' as const }[label];
    const directories = word
      .slice(at + 1)
      .split(',')
      .filter(Boolean);
    if (at < 0 || side === undefined || directories.length === 0) {
      throw new AppError('usage', `${word} does not name the value that these bundles measured`, {
        hint: `write --bundles ${a}=DIR,DIR ${b}=DIR,DIR (or A= and B=)`,
      });
    }
    return directories.map((directory) => ({ side, directory }));
  });
  const twice = found.find(({ directory }, index) => found.findIndex((each) => each.directory === directory) < index);
  if (twice !== undefined) throw new AppError('usage', `${twice.directory} is given twice`);
  return found;
}
