// Defines the fixed shell commands (coreutils, busybox) that read many files at once over SSH, and parses their output.

import type { FileStat } from '../host-files.ts';
import type { CommandOutput } from '../ssh/session.ts';

/** Paths are sent on standard input, terminated by NUL: they are never part of a shell line. */
export const inputOf = (paths: readonly string[]): string => paths.map((path) => `${path}\0`).join('');

/** Limit of the text per file; most kernel files are far smaller. */
const mostTextBytes = 2 ** 14;

export const textsCommand = `LC_ALL=C xargs -0 head -v -c ${mostTextBytes} --`;
/** Prints the exit code of the previous command, which also shows that it ran; 127 for a missing program. */
export const printExit = `printf '\\nexit=%d\\n' "$?"`;
export const exitLine = /\nexit=(\d+)\n$/;
/**
 * Reads one file that a process names, with a timeout: any user may replace it by a pipe after a check, and a pipe
 * blocks its reader.
 */
export const namedTextCommand = `LC_ALL=C xargs -0 timeout 5 head -c ${2 ** 18} --; ${printExit}`;
/** For one file: with several, wc also prints a total. */
export const linesCommand = 'LC_ALL=C xargs -0 wc -l --';
export const linksCommand = "LC_ALL=C xargs -0 stat -c '%N' --";
/** SFTP version 3 does not report inodes, which identify a file after it was renamed. */
export const identitiesCommand = "LC_ALL=C xargs -0 stat -L -c '%d:%i %s %Y %n' --";

/*
 *   ==> /proc/7/task/7/stat <==
 *   7 (java) S 1 7 7 0 -1 …
 *                                an empty line precedes each header except the first
 *   ==> /proc/7/task/8/stat <==
 *
 * @param paths in the order in which they were requested; a file that could not be opened has no header
 * @returns texts of files that were read to the end and have exactly one header: an argument of any process may look
 * like a header
 */
export function parseTexts({ stdout, stderr }: CommandOutput, paths: readonly string[]): Map<string, string> {
  const texts = new Map<string, string>();
  const headers = [...stdout.matchAll(/(?:^|\n)==> (.*) <==(?=\n)/g)];
  const headersOf = Map.groupBy(headers, ([, path = '']) => path);
  const take = (path: string, text: string) => {
    if (headersOf.get(path)?.length !== 1) return;
    const isWhole = text.length < mostTextBytes && !(text === '' && stderr.includes(path));
    if (isWhole) texts.set(path, text);
  };
  const order = new Map(paths.map((path, index) => [path, index]));
  let last: { path: string; from: number; index: number } | undefined;
  for (const { 0: header, 1: path = '', index: at } of headers) {
    const index = order.get(path);
    // A file may contain a line that looks like a header; a real header names a later path.
    if (index === undefined || (last !== undefined && index <= last.index)) continue;
    if (last !== undefined) take(last.path, stdout.slice(last.from, at));
    last = { path, from: at + header.length + 1, index };
  }
  if (last !== undefined) take(last.path, stdout.slice(last.from));
  return texts;
}

/** Parses `66213 /proc/7/maps`. @returns undefined if the file could not be read to its end */
export function parseLineCount({ stdout, stderr }: CommandOutput, path: string): number | undefined {
  const line = stderr.includes(path) ? undefined : stdout.split('\n').find((each) => each.endsWith(` ${path}`));
  const [count] = /\d+/.exec(line ?? '') ?? [];
  return count === undefined ? undefined : Number(count);
}

/**
 * Parses `'/proc/7/fd/5' -> 'socket:[1060]'`; a file that is not a link has no arrow. Names that need other quotes are
 * skipped.
 */
export function parseLinks({ stdout }: CommandOutput): Map<string, string> {
  return new Map(
    [...stdout.matchAll(/^'([^']*)' -> '([^']*)'$/gm)].map(([, path = '', target = '']) => [path, target]),
  );
}

export function parseIdentities({ stdout }: CommandOutput): Map<string, FileStat> {
  return new Map(
    [...stdout.matchAll(/^(\d+:\d+) (\d+) (\d+) (.*)$/gm)].map(([, identity = '', size, modified, path = '']) => [
      path,
      { identity, sizeBytes: Number(size), modifiedAtMs: Number(modified) * 1000 },
    ]),
  );
}
