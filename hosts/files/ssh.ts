// Implements HostFiles over SSH: SFTP for single files, fixed commands for bulk reads and what SFTP cannot report.

import type { SFTPWrapper } from 'ssh2';
import type { Clock } from '../../core/clock.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import type { FileStat, HostFiles } from '../host-files.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { CommandOutput, SshSession } from '../ssh/session.ts';
import { answersOf } from './answers-of.ts';
import { createMountSizes, sizesCommand } from './mount-sizes.ts';
import { countNewlines } from './newlines.ts';
import { queuesLine } from './queue-command.ts';
import { chunksOf, fileFaultOf, readBytes, readNames, readWhole, requireRegular, toPromise } from './sftp.ts';
import {
  exitLine,
  identitiesCommand,
  inputOf,
  linesCommand,
  linksCommand,
  namedTextCommand,
  parseIdentities,
  parseLineCount,
  parseLinks,
  parseTexts,
  textsCommand,
} from './commands.ts';

/** From this many files on, one command is cheaper: SFTP needs four messages per file. */
const many = 100;
const sizesLine = `LC_ALL=C ${sizesCommand.map((word) => `'${word}'`).join(' ')}`;

export function openSshFiles(connection: SshConnection, clock: Pick<Clock, 'sleep'>): HostFiles {
  /** Has no deadline: a query that hangs on a mount ends with the connection. */
  const untimed = { signal: new AbortController().signal };
  return {
    readAll: (paths, io, { regularOnly = false } = {}) =>
      connection.use(io, async (session) => {
        const read = regularOnly ? readNamed : readOverSftp;
        const texts =
          regularOnly || paths.length < many ? new Map<string, string>() : await askMany(session, paths, manyTexts);
        const failures = new Map<string, string>();
        await Promise.all(
          paths.map(async (path) => {
            if (texts.has(path)) return;
            try {
              texts.set(path, await read(session, path));
            } catch (error) {
              failures.set(path, fileFaultOf(error));
            }
          }),
        );
        return { texts, failures };
      }),
    countLines: (path, io) =>
      connection.use(io, async ({ sftp, withHandle, run }) => {
        const output = await run(linesCommand, inputOf([path])).catch(
          ignoreFault('the file is read over SFTP instead'),
        );
        const counted = output && parseLineCount(output, path);
        if (counted !== undefined) return { kind: 'counted', lines: counted };
        try {
          return { kind: 'counted', lines: await withHandle(() => countNewlines(chunksOf(sftp, path))) };
        } catch (error) {
          return { kind: 'unread', reason: fileFaultOf(error) };
        }
      }),
    listAll: (folders, io) =>
      connection.use(io, ({ sftp, withHandle }) =>
        answersOf(folders, (folder) => withHandle(() => readNames(sftp, folder))),
      ),
    readLinks: (paths, io) =>
      connection.use(io, async (session) => {
        const links = paths.length < many ? new Map<string, string>() : await askMany(session, paths, manyLinks);
        const others = paths.filter((path) => !links.has(path));
        const resolved = await answersOf(others, (path) =>
          toPromise<string>((done) => session.sftp.readlink(path, done)),
        );
        return new Map([...links, ...resolved]);
      }),
    statAll: (paths, io) => connection.use(io, (session) => statAll(session, paths)),
    open: (path, io) =>
      connection.use(io, async ({ sftp }) => {
        const opening = requireRegular(sftp, path).then(() => toPromise<Buffer>((done) => sftp.open(path, 'r', done)));
        const handle = await opening.catch((cause: unknown) => {
          throw new AppError('host-unreadable', `cannot open ${path}: ${fileFaultOf(cause)}`, { cause });
        });
        // After the deadline no caller would close it.
        if (io.signal.aborted) sftp.close(handle, () => {});
        const on = (session: SshSession) => {
          if (session.sftp === sftp) return sftp;
          throw new AppError('host-unreadable', `${path} was open on a connection that broke`);
        };
        return {
          stat: (use) => connection.use(use, (session) => fstat(on(session), handle)),
          read: (offset, length, use) =>
            connection.use(use, (session) => readBytes(on(session), handle, { offset, length })),
          async [Symbol.asyncDispose]() {
            sftp.close(handle, () => {});
          },
        };
      }),
    // Fixed commands contain no path, so they cannot enter a network namespace other than that of sshd.
    readQueues: async (namespace, io) =>
      namespace === undefined
        ? connection.use(io, async ({ run }) => {
            const output = await run(queuesLine, '').catch(
              ignoreFault('a host without tc or commands shows no queues'),
            );
            return output?.stdout;
          })
        : undefined,
    statFileSystems: createMountSizes(
      (paths, output) => connection.use(untimed, ({ run }) => run(sizesLine, inputOf(paths), output)),
      clock,
      (folder, io) =>
        connection.use(io, ({ sftp }) =>
          toPromise<unknown>((done) => sftp.stat(folder, done)).then(() => undefined, fileFaultOf),
        ),
    ),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

async function readOverSftp({ sftp, withHandle }: SshSession, path: string): Promise<string> {
  return (await withHandle(() => readWhole(sftp, path))).toString();
}

/**
 * Uses a command with a timeout: the path may have become a pipe since the check, and a pipe would block the SFTP
 * server.
 */
async function readNamed(session: SshSession, path: string): Promise<string> {
  // /proc/kmsg also counts as a regular file, and reading it blocks.
  if ((await requireRegular(session.sftp, path)) === 0) return '';
  const output = await session
    .run(namedTextCommand, inputOf([path]))
    .catch(ignoreFault('the file is read over SFTP instead'));
  const [, code] = exitLine.exec(output?.stdout ?? '') ?? [];
  // BusyBox before 1.30 interprets the 5 as the program.
  const isUnable = code === undefined || code === '127' || (output?.stderr.startsWith('timeout: ') ?? false);
  if (output === undefined || isUnable) return readOverSftp(session, path);
  if (code !== '0') throw new Error(output.stderr.trim() || 'it was not read within 5 s');
  return output.stdout.replace(exitLine, '');
}

interface ManyQuestion<T> {
  command: string;
  /** Maximum paths per command, which limits its output. */
  most: number;
  parse(output: CommandOutput, paths: readonly string[]): ReadonlyMap<string, T>;
}

const manyTexts: ManyQuestion<string> = { command: textsCommand, most: 1000, parse: parseTexts };
const manyLinks: ManyQuestion<string> = { command: linksCommand, most: 4000, parse: parseLinks };
const manyIdentities: ManyQuestion<FileStat> = { command: identitiesCommand, most: 4000, parse: parseIdentities };

/** Files missing in the output are read over SFTP: if a user may only use SFTP, no command runs. */
async function askMany<T>(
  { run }: SshSession,
  paths: readonly string[],
  { command, most, parse }: ManyQuestion<T>,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>();
  // A newline in a path would break the output format.
  const plain = paths.filter((path) => !path.includes('\n'));
  for (let from = 0; from < plain.length; from += most) {
    const chunk = plain.slice(from, from + most);
    const output = await run(command, inputOf(chunk)).catch(ignoreFault('the caller asks for each file on its own'));
    const parsed = output === undefined ? new Map<string, T>() : parse(output, chunk);
    if (parsed.size === 0) break;
    for (const [path, answer] of parsed) answers.set(path, answer);
  }
  return answers;
}

async function statAll(session: SshSession, paths: readonly string[]): Promise<ReadonlyMap<string, FileStat>> {
  const found = await askMany(session, paths, manyIdentities);
  if (found.size > 0) return found;
  return answersOf(paths, async (path) =>
    toFileStat(await toPromise<SftpStat>((done) => session.sftp.stat(path, done))),
  );
}

async function fstat(sftp: SFTPWrapper, handle: Buffer): Promise<FileStat> {
  return toFileStat(await toPromise<SftpStat>((done) => sftp.fstat(handle, done)));
}

type SftpStat = { size: number; mtime: number };

const toFileStat = ({ size, mtime }: SftpStat): FileStat => ({ sizeBytes: size, modifiedAtMs: mtime * 1000 });
