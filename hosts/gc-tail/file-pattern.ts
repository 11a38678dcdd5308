// Which files are those of a log? A path whose name may hold wildcards, and what rotation adds to it.

import { basename, dirname } from 'node:path/posix';

/** See gc/log/rotated-logs.ts; what is packed was read before it was. */
const rotation = /(?:\.\d{1,3})?(?:\.current)?$/;

export interface FilePattern {
  folder: string;
  matches(name: string): boolean;
}

export function parseFilePattern(path: string): FilePattern {
  const words = basename(path).split(/([*?]+)/);
  const name = words.map((word, index) => (index % 2 === 0 ? RegExp.escape(word) : wildcard(word))).join('');
  const pattern = new RegExp(`^${name}(?:\\.\\d{1,3})?(?:\\.current)?$`);
  return { folder: dirname(path), matches: (candidate) => pattern.test(candidate) };
}

/** The option of one JVM, whatever its files were renamed to. */
export const unrotated = (path: string): string => path.replace(rotation, '');

/** JDK 9 and later write to the name itself, JDK 8 to `.current`; the others are written to no more. */
export const isBeingWritten = (path: string): boolean => unrotated(path) === path || path.endsWith('.current');

/** Neighbours are one: a pattern cannot be made to try every way of sharing a name out among many stars. */
const wildcard = (word: string): string => (word.includes('*') ? '.*' : '.'.repeat(word.length));
