// How are files of a machine read over SSH? By SFTP, all at once; what SFTP cannot tell by two fixed commands.

import type { SFTPWrapper } from 'ssh2';
import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { FileStat, HostFiles } from '../host-files.ts';
import type { SshConnection } from '../ssh/connection.ts';
import type { SshSession } from '../ssh/session.ts';
import { createMountSizes, statFileSystemArguments } from './mount-sizes.ts';
import { fileFaultOf, readBytes, readWhole, toPromise } from './sftp.ts';

/** Paths go in on standard input, ended by NUL: no line of a shell is ever made of them. */
const sizesCommand = `LC_ALL=C xargs -0 stat ${statFileSystemArguments.map((word) => `'${word}'`).join(' ')}`;
/** SFTP of version 3 knows no inode, by which a renamed file is known again. */
const identityCommand = "LC_ALL=C xargs -0 stat -L -c '%d:%i %s %Y %n' --";

export function openSshFiles(connection: SshConnection, clock: Pick<Clock, 'sleep'>): HostFiles {
  /** What a mount that hangs leaves behind is ended with the connection. */
  const untimed = { signal: new AbortController().signal };
  return {
    readAll: (paths, io) =>
      connection.use(io, async ({ sftp }) => {
        const texts = new Map<string, string>();
        const failures = new Map<string, string>();
        await Promise.all(
          paths.map(async (path) => {
            try {
              texts.set(path, (await readWhole(sftp, path)).toString());
            } catch (error) {
              failures.set(path, fileFaultOf(error));
            }
          }),
        );
        return { texts, failures };
      }),
    listAll: (folders, io) =>
      connection.use(io, ({ sftp }) =>
        answers(folders, async (folder) => {
          const entries = await toPromise<{ filename: string }[]>((done) => sftp.readdir(folder, done));
          return entries.map(({ filename }) => filename);
        }),
      ),
    readLinks: (paths, io) =>
      connection.use(io, ({ sftp }) =>
        answers(paths, (path) => toPromise<string>((done) => sftp.readlink(path, done))),
      ),
    statAll: (paths, io) => connection.use(io, (session) => statAll(session, paths)),
    open: (path, io) =>
      connection.use(io, async ({ sftp }) => {
        const handle = await toPromise<Buffer>((done) => sftp.open(path, 'r', done)).catch((cause: unknown) => {
          throw new AppError('host-unreadable', `cannot open ${path}: ${fileFaultOf(cause)}`, { cause });
        });
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
    statFileSystems: createMountSizes(
      (paths) => connection.use(untimed, ({ run }) => run(sizesCommand, paths.map((path) => `${path}\0`).join(''))),
      clock,
    ),
    [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
  };
}

async function statAll({ sftp, run }: SshSession, paths: readonly string[]): Promise<ReadonlyMap<string, FileStat>> {
  if (paths.length === 0) return new Map();
  const { stdout } = await run(identityCommand, paths.map((path) => `${path}\0`).join(''));
  const told = [...stdout.matchAll(/^(\d+:\d+) (\d+) (\d+) (.*)$/gm)].map(
    ([, identity = '', size, modified, path = '']): [string, FileStat] => [
      path,
      { identity, sizeBytes: Number(size), modifiedAtMs: Number(modified) * 1000 },
    ],
  );
  if (told.length > 0) return new Map(told);
  // A user who may only use SFTP gets no command run: then nothing tells the identity.
  return answers(paths, async (path) =>
    toFileStat(await toPromise<{ size: number; mtime: number }>((done) => sftp.stat(path, done))),
  );
}

async function fstat(sftp: SFTPWrapper, handle: Buffer): Promise<FileStat> {
  return toFileStat(await toPromise<{ size: number; mtime: number }>((done) => sftp.fstat(handle, done)));
}

const toFileStat = ({ size, mtime }: { size: number; mtime: number }): FileStat => ({
  sizeBytes: size,
  modifiedAtMs: mtime * 1000,
});

async function answers<T>(
  paths: readonly string[],
  ask: (path: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const told = await Promise.all(
    paths.map((path) =>
      ask(path).then(
        (answer) => ({ answer }),
        () => undefined,
      ),
    ),
  );
  return new Map(paths.flatMap((path, index) => (told[index] ? [[path, told[index].answer] as const] : [])));
}
