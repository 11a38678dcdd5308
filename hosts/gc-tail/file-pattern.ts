// Matches the files of a log: a path whose name may hold wildcards, plus the suffixes that rotation adds.

import { basename, dirname } from 'node:path/posix';
import { matchesGlob } from '../../core/text/glob.ts';

/** See gc/log/rotated-logs.ts; a compressed file was read before it was compressed. */
const rotation = /(?:\.\d{1,3})?(?:\.current)?$/;

export function parseFilePattern(path: string) {
  const pattern = basename(path);
  return {
    folder: dirname(path),
    matches: (name: string): boolean => matchesGlob(name, pattern) || matchesGlob(unrotated(name), pattern),
  };
}

/** Identifies the option of one JVM after its files were renamed. */
export const unrotated = (path: string): string => path.replace(rotation, '');

/** JDK 9 and later write to the name itself, JDK 8 to `.current`; the others are written to no more. */
export const isBeingWritten = (path: string): boolean => unrotated(path) === path || path.endsWith('.current');
