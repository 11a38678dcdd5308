// Matches names against patterns: `*` matches any text, `?` one character.

import { z } from 'zod';
import { matchesGlob } from '../core/text/glob.ts';

/*
 * Regular expressions of Node backtrack, so one nested quantifier in a config file could block
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

/** Rejects regular expressions, which other exporters use: `^orders` or `.*` would silently match nothing. */
function isNoRegularExpression(pattern: string): boolean {
  return !/^\^|\$$|^\/.*\/$|^\.[*+]$/.test(pattern);
}

export const NameFilter = z.strictObject({
  allow: z.array(Pattern).min(1).optional().describe('only these (default: all)'),
  deny: z.array(Pattern).default([]).describe('never these, even if allow matches'),
});
export type NameFilter = z.infer<typeof NameFilter>;

export function isAllowed(name: string, { allow, deny }: NameFilter): boolean {
  return (allow === undefined || matchesAny(name, allow)) && !matchesAny(name, deny);
}

export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesGlob(name, pattern));
}
