// Which names are meant by a list of patterns? `*` is any text and `?` any one character; nothing else is special.

import { z } from 'zod';

/*
 * Patterns and not regular expressions: those of Node backtrack, and one nested quantifier in a config file would hold up
 * every scrape. A pattern takes at most its own length times that of the name.
 */

const Pattern = z
  .string()
  .min(1)
  .max(255)
  .refine(
    isNoRegularExpression,
    'is written like a regular expression: here * stands for any text, ? for any one character',
  )
  .describe('a name; * stands for any text, ? for any one character')
  .meta({ examples: ['orders-*'] });

/** Other exporters take them: who brings `^orders` or `.*` along would see nothing, and not why. */
function isNoRegularExpression(pattern: string): boolean {
  return !/^\^|\$$|^\/.*\/$|^\.[*+]$/.test(pattern);
}

export const NameFilter = z.strictObject({
  allow: z.array(Pattern).min(1).optional().describe('only these; everything where it is left away'),
  deny: z.array(Pattern).default([]).describe('never these, whatever allow says'),
});
export type NameFilter = z.infer<typeof NameFilter>;

export function isAllowed(name: string, { allow, deny }: NameFilter): boolean {
  return (allow === undefined || matchesAny(name, allow)) && !matchesAny(name, deny);
}

export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(name, pattern));
}

/** Greedy, going back only to the last `*`: what an earlier one took can never help. */
function matches(name: string, pattern: string): boolean {
  let at = 0;
  let from = 0;
  let star = -1;
  let taken = 0;
  while (at < name.length) {
    if (pattern[from] === '*') {
      star = from++;
      taken = at;
    } else if (pattern[from] === '?' || pattern[from] === name[at]) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++taken;
    } else return false;
  }
  while (pattern[from] === '*') from++;
  return from === pattern.length;
}
