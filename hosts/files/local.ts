// Implements HostFiles for the local machine.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Stats } from 'node:fs';
import { open, readdir, readlink, stat } from 'node:fs/promises';
import { type Clock, systemClock, untilAborted } from '../../core/clock.ts';
import { awaitedElsewhere, faultAs, ignoreFault } from '../../core/errors.ts';
import type { FileStat, HostFiles, Io } from '../host-files.ts';
import { nonBlocking, readChunks, readText, requireRegular } from '../read-text.ts';
import { answersOf } from './answers-of.ts';
import { inputOf } from './commands.ts';
import { createMountSizes, sizesCommand } from './mount-sizes.ts';
import { newlinesIn } from './newlines.ts';
import { readLocalQueues } from './queue-command.ts';

export function openLocalFiles({ clock = systemClock }: { clock?: Clock } = {}): HostFiles {
  return {
    async readAll(paths, io, { regularOnly = false } = {}) {
      const readOne = async (path: string) => {
        // /proc/kmsg also counts as a regular file, and reading it consumes messages of the system log.
        if (regularOnly && (await requireRegular(path)) === 0) return '';
        return readText(path, io);
      };
      const read = await Promise.allSettled(paths.map(readOne));
      io.signal.throwIfAborted();
      const texts = new Map<string, string>();
      const failures = new Map<string, string>();
      for (const [index, path] of paths.entries()) {
        const outcome = read[index];
        if (outcome?.status === 'fulfilled') texts.set(path, outcome.value);
        else failures.set(path, codeOf(outcome?.reason as NodeJS.ErrnoException));
      }
      return { texts, failures };
    },
    async countLines(path, { signal }) {
      let lines = 0;
      try {
        await readChunks(path, { signal }, (chunk) => (lines += newlinesIn(chunk)));
        return { kind: 'counted', lines };
      } catch (error) {
        signal.throwIfAborted();
        return { kind: 'unread', reason: codeOf(error as NodeJS.ErrnoException) };
      }
    },
    async listAll(folders, { signal }) {
      return untilAborted(
        answersOf(folders, (folder) => readdir(folder)),
        signal,
      );
    },
    async readLinks(paths, { signal }) {
      return untilAborted(
        answersOf(paths, (path) => readlink(path)),
        signal,
      );
    },
    async statAll(paths, { signal }) {
      return untilAborted(
        answersOf(paths, async (path) => toFileStat(await stat(path))),
        signal,
      );
    },
    async open(path, { signal }) {
      const opening = requireRegular(path).then(() => open(path, nonBlocking));
      const handle = await untilAborted(opening, signal).catch((cause: Error) => {
        // If it opens later, close it, because nobody waits for it any more.
        void opening.then((late) => late.close(), awaitedElsewhere);
        signal.throwIfAborted();
        return faultAs('host-unreadable', `cannot open ${path}`)(cause);
      });
      return {
        stat: async (io) => toFileStat(await untilAborted(handle.stat(), io.signal)),
        async read(offset, length, io) {
          const reading = handle.read(Buffer.alloc(length), 0, length, offset);
          const { bytesRead, buffer } = await untilAborted(reading, io.signal);
          return buffer.subarray(0, bytesRead);
        },
        [Symbol.asyncDispose]: () => handle.close(),
      };
    },
    readQueues: readLocalQueues,
    statFileSystems: createMountSizes(askSizes, clock, askRefusal),
    async [Symbol.asyncDispose]() {},
  };
}

const codeOf = ({ code, message }: NodeJS.ErrnoException) => code ?? message;

function toFileStat({ dev, ino, size, mtimeMs }: Stats): FileStat {
  return { identity: `${dev}:${ino}`, sizeBytes: size, modifiedAtMs: mtimeMs };
}

async function askRefusal(folder: string, { signal }: Io): Promise<string | undefined> {
  const asking = stat(folder).then(
    () => undefined,
    (fault: NodeJS.ErrnoException) => fault.code,
  );
  return untilAborted(asking, signal);
}

/** Uses separate processes: statfs(2) on a hung mount would block one of the few threads that read files here. */
async function askSizes(paths: readonly string[], output: { stdout: string; stderr: string }): Promise<void> {
  const [program = '', ...args] = sizesCommand;
  const child = spawn(program, args, { env: { ...process.env, LC_ALL: 'C' } });
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  child.stdin.on('error', ignoreFault('the exit of the program is reported')).end(inputOf(paths));
  const ended = once(child, 'close');
  // A hung process must not keep this one from ending.
  for (const held of [child, child.stdout, child.stderr] as { unref?(): void }[]) held.unref?.();
  await ended;
}
