// Defines the fixed shell commands (coreutils, busybox) that read many files at once over SSH, and parses their output.

import type { FileStat } from '../host-files.ts';
import type { CommandOutput } from '../ssh/session.ts';

/** Paths go in on standard input, ended by NUL: no line of a shell is ever made of them. */
export const inputOf = (paths: readonly string[]): string => paths.map((path) => `${path}\0`).join('');

/** Most files of the kernel are far smaller. */
const mostTextBytes = 2 ** 14;

export const textsCommand = `LC_ALL=C xargs -0 head -v -c ${mostTextBytes} --`;
/** Shows that the command before it ran, and its exit code: 127 for a missing program. */
export const printExit = `printf '\\nexit=%d\\n' "$?"`;
export const exitLine = /\nexit=(\d+)\n$/;
/** Of one file that a process names: any user may put a pipe there after a check, and a pipe blocks its reader. */
export const namedTextCommand = `LC_ALL=C xargs -0 timeout 5 head -c ${2 ** 18} --; ${printExit}`;
/** Of one file: of several it would print a total, too. */
export const linesCommand = 'LC_ALL=C xargs -0 wc -l --';
export const linksCommand = "LC_ALL=C xargs -0 stat -c '%N' --";
/** SFTP of version 3 knows no inode, by which a renamed file is known again. */
export const identitiesCommand = "LC_ALL=C xargs -0 stat -L -c '%d:%i %s %Y %n' --";

/*
 *   ==> /proc/7/task/7/stat <==
 *   7 (java) S 1 7 7 0 -1 …
 *                                an empty line stands before each header but the first
 *   ==> /proc/7/task/8/stat <==
 *
 * @param paths in the order in which they were asked; one that could not be opened has no header
 * @returns those that were read to their end, and have one header: an argument of any process may look like one
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
    // A file may hold a line that looks like a header; the next one is that of a later path.
    if (index === undefined || (last !== undefined && index <= last.index)) continue;
    if (last !== undefined) take(last.path, stdout.slice(last.from, at));
    last = { path, from: at + header.length + 1, index };
  }
  if (last !== undefined) take(last.path, stdout.slice(last.from));
  return texts;
}

/** `66213 /proc/7/maps`. @returns undefined when the file could not be read to its end */
export function parseLineCount({ stdout, stderr }: CommandOutput, path: string): number | undefined {
  const line = stderr.includes(path) ? undefined : stdout.split('\n').find((each) => each.endsWith(` ${path}`));
  const [count] = /\d+/.exec(line ?? '') ?? [];
  return count === undefined ? undefined : Number(count);
}

/** `'/proc/7/fd/5' -> 'socket:[1060]'`; a file that is no link has no arrow. A name that needs other quotes is left out. */
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
