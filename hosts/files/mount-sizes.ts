// Measures each mounted file system with one stat process per mount, since a hung mount never answers.

import { dirname } from 'node:path/posix';
import { type Clock, seconds } from '../../core/clock.ts';
import { ignoreFault } from '../../core/errors.ts';
import type { FileSystems, FileSystemSize, Io } from '../host-files.ts';
import type { CommandOutput } from '../ssh/session.ts';

/**
 * Works with coreutils and busybox; reads NUL-terminated paths from standard input and prints one line each, with the
 * path last because it may contain spaces. One stat(1) process per path, so that a hung mount does not block the others.
 */
export const sizesCommand = ['xargs', '-0', '-n', '1', '-P', '0', 'stat', '-f', '-c', '%S %b %f %a %c %d %n', '--'];

interface Question {
  paths: readonly string[];
  output: CommandOutput;
  /** True once its caller has stopped waiting. A younger query of another reader does not count as hung. */
  isGivenUp: boolean;
}

/** Runs the command for the paths. @param output receives the output as it arrives */
type AskSizes = (paths: readonly string[], output: CommandOutput) => Promise<unknown>;

/** @returns the error code that denies this user a folder (`EACCES`), otherwise undefined */
type AskRefusal = (folder: string, io: Io) => Promise<string | undefined>;

/** Checks whether the code means a refusal, after which the file system may still be healthy. */
export const isRefusal = (code: string): boolean => code === 'EACCES' || code === 'EPERM';

const patience = seconds(1);
/** Each one holds local processes, or a session of the SSH connection, until all its mounts answered. */
const mostUnanswered = 3;

/**
 * A hung mount is not queried again until its last query has returned. On a busy machine every query may take longer
 * than its caller waits: its result is then part of the next reading.
 *
 * @param askRefusal returns the error code for folders above mounts for which stat(1) printed a message, which contains
 * no code
 */
export function createMountSizes(
  ask: AskSizes,
  clock: Pick<Clock, 'sleep'>,
  askRefusal?: AskRefusal,
): (paths: readonly string[], io: Io) => Promise<FileSystems> {
  const unanswered = new Set<Question>();
  /** Queries that returned after their caller gave up. */
  let late: readonly Question[] = [];

  const hanging = () => [...unanswered].filter(({ isGivenUp }) => isGivenUp);
  const hangs = (path: string) =>
    hanging().some(({ paths, output }) => paths.includes(path) && answerOf(path, output) === undefined);

  async function askPatiently(paths: readonly string[], { signal }: Io): Promise<CommandOutput> {
    const question: Question = { paths, output: { stdout: '', stderr: '' }, isGivenUp: false };
    unanswered.add(question);
    const answering = ask(paths, question.output)
      .catch(ignoreFault('a command that cannot run prints nothing'))
      .finally(() => {
        unanswered.delete(question);
        if (question.isGivenUp) late = [...late, question].slice(-mostUnanswered);
      });
    const enough = new AbortController();
    try {
      const sleeping = clock.sleep(patience, { signal: AbortSignal.any([signal, enough.signal]) });
      await Promise.race([answering, sleeping]);
      signal.throwIfAborted();
      return { ...question.output };
    } finally {
      question.isGivenUp = true;
      enough.abort();
    }
  }

  /** Cannot hang: its folders were already traversed to reach a mount that answered. */
  async function refusalOf(path: string, io: Io): Promise<string | undefined> {
    // The dot requires search permission on the folder, and does not access the mounts in it.
    const code = await askRefusal?.(`${dirname(path)}/.`, io).catch(ignoreFault('the complaint of stat stays'));
    io.signal.throwIfAborted();
    return code !== undefined && isRefusal(code) ? code : undefined;
  }

  return async (paths, io) => {
    const sizes = new Map<string, FileSystemSize>();
    const failures = new Map<string, string>();
    const wanted = paths.filter((path) => !hangs(path));
    const before = late.filter((each) => each.paths.some((path) => paths.includes(path)));
    late = late
      .map((each) => ({ ...each, paths: each.paths.filter((path) => !paths.includes(path)) }))
      .filter((each) => each.paths.length > 0);
    const stuck = hanging().length;
    if (stuck >= mostUnanswered) {
      for (const path of wanted) failures.set(path, `skipped: ${stuck} calls hang on other mounts`);
    } else if (wanted.length > 0) {
      const output = await askPatiently(wanted, io);
      const refused: string[] = [];
      for (const path of wanted) {
        const answers = [output, ...before.map((each) => each.output)].map((each) => answerOf(path, each));
        const answer = answers.find((each) => each !== undefined);
        if (answer?.size !== undefined) sizes.set(path, answer.size);
        if (answer?.complaint === undefined) continue;
        failures.set(path, answer.complaint);
        refused.push(path);
      }
      const refusals = await Promise.all(refused.map((path) => refusalOf(path, io)));
      for (const [index, path] of refused.entries()) {
        const code = refusals[index];
        if (code !== undefined) failures.set(path, code);
      }
    }
    return { sizes, failures, hung: paths.filter((path) => !sizes.has(path) && hangs(path)) };
  };
}

function answerOf(
  path: string,
  { stdout, stderr }: CommandOutput,
): { size?: FileSystemSize; complaint?: string } | undefined {
  const size = parseSizes(stdout).get(path);
  if (size !== undefined) return { size };
  // coreutils quotes a path that contains an apostrophe with double quotes.
  const quoted = [`'${path}'`, `"${path}"`];
  const line = stderr.split('\n').find((text) => quoted.some((each) => text.includes(each)));
  return line === undefined ? undefined : { complaint: line.slice(line.lastIndexOf(': ') + 2) };
}

export function parseSizes(stdout: string): Map<string, FileSystemSize> {
  const sizes = new Map<string, FileSystemSize>();
  for (const [, figures = '', path = ''] of stdout.matchAll(/^((?:\d+ ){6})(.*)$/gm)) {
    const [block = 0, blocks = 0, free = 0, available = 0, files = 0, filesFree = 0] = figures.split(' ').map(Number);
    sizes.set(path, {
      totalBytes: blocks * block,
      freeBytes: free * block,
      availableBytes: available * block,
      files,
      filesFree,
    });
  }
  return sizes;
}
