// How big is each mounted file system, where one may hang for ever? All are asked at once, and one by one if that hangs.

import type { Clock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';
import type { FileSystems, FileSystemSize, Io } from '../host-files.ts';

/** Arguments of stat(1) of coreutils and busybox; one line for each path, which comes last as it may hold blanks. */
export const statFileSystemArguments = ['-f', '-c', '%S %b %f %a %c %d %n', '--'] as const;

/** Runs stat(1) over the paths in a process of its own. @returns what it printed, and what it complained about */
export type AskSizes = (paths: readonly string[]) => Promise<{ stdout: string; stderr: string }>;

const patience = seconds(1);
const hangs = Symbol('hangs');

/** Remembers which hang: they are not asked again until what was asked of them answered. */
export function createMountSizes(
  ask: AskSizes,
  clock: Pick<Clock, 'sleep'>,
): (paths: readonly string[], io: Io) => Promise<FileSystems> {
  const hanging = new Set<string>();

  async function askPatiently(paths: readonly string[], { signal }: Io) {
    const asked = ask(paths);
    const enough = new AbortController();
    // Nobody listens to what is said after the patience is over.
    asked.catch(() => {});
    try {
      const waited = clock.sleep(patience, { signal: AbortSignal.any([signal, enough.signal]) });
      const answer = await Promise.race([asked, waited.then(() => hangs)]);
      return { asked, answer: answer as Awaited<typeof asked> | typeof hangs };
    } finally {
      enough.abort();
    }
  }

  return async (paths, io) => {
    const sizes = new Map<string, FileSystemSize>();
    const failures = new Map<string, string>();
    const take = (wanted: readonly string[], { stdout, stderr }: Awaited<ReturnType<AskSizes>>) => {
      const told = parseSizes(stdout);
      for (const path of wanted) {
        const size = told.get(path);
        if (size === undefined) failures.set(path, complaintAbout(path, stderr));
        else sizes.set(path, size);
      }
    };

    const wanted = paths.filter((path) => !hanging.has(path));
    if (wanted.length > 0) {
      const { answer } = await askPatiently(wanted, io);
      if (answer === hangs) await Promise.all(wanted.map((path) => askAlone(path)));
      else take(wanted, answer);
    }
    return { sizes, failures, hung: paths.filter((path) => hanging.has(path)) };

    async function askAlone(path: string) {
      const { asked, answer } = await askPatiently([path], io);
      if (answer !== hangs) return take([path], answer);
      hanging.add(path);
      asked.catch(() => {}).finally(() => hanging.delete(path));
    }
  };
}

export function parseSizes(stdout: string): Map<string, FileSystemSize> {
  const sizes = new Map<string, FileSystemSize>();
  for (const [, figures = '', path = ''] of stdout.matchAll(/^((?:\d+ ){6})(.*)$/gm)) {
    const [block = 0, blocks = 0, free = 0, available = 0, files = 0, filesFree = 0] = figures.split(' ').map(Number);
    sizes.set(path, {
      sizeBytes: blocks * block,
      freeBytes: free * block,
      availableBytes: available * block,
      files,
      filesFree,
    });
  }
  return sizes;
}

function complaintAbout(path: string, stderr: string): string {
  const line = stderr.split('\n').find((text) => text.includes(path));
  return line?.slice(line.lastIndexOf(': ') + 2) ?? 'stat told nothing of it';
}
