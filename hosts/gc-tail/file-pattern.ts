// Matches the files of a log: a path that may contain wildcards in its name, plus the suffixes of rotation.

import { basename, dirname } from 'node:path/posix';
import { matchesGlob } from '../../core/text/glob.ts';

/** See gc/log/rotated-logs.ts; a compressed file was already read before its compression. */
const rotation = /(?:\.\d{1,3})?(?:\.current)?$/;

export function parseFilePattern(path: string) {
  const pattern = basename(path);
  return {
    folder: dirname(path),
    matches: (name: string): boolean => matchesGlob(name, pattern) || matchesGlob(unrotated(name), pattern),
  };
}

/** Returns the path without rotation suffix, which identifies one JVM's log option. */
export const unrotated = (path: string): string => path.replace(rotation, '');

/** JDK 9 and later write to the unsuffixed name, JDK 8 to `.current`; other files are no longer written. */
export const isBeingWritten = (path: string): boolean => unrotated(path) === path || path.endsWith('.current');
