// Copies files to a private folder of the user on a host, from which they are installed.

import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AppError, ignoreFault } from '../../core/errors.ts';
import type { Io } from '../host-files.ts';
import { fileFaultOf, toPromise } from '../files/sftp.ts';
import { ConnectionBroke } from '../ssh/session.ts';
import type { SshConnection } from '../ssh/connection.ts';

/** `file` is a path on this machine. */
export type UploadSource = { file: string } | { text: string };

export interface HostUploads {
  /** Folder of uploads; over SSH relative to the user's home, where commands run. */
  folder: string;
  /**
   * Overwrites files of an earlier attempt.
   * @returns its path on the host.
   * @throws AppError host-refused; connection errors
   */
  put(source: UploadSource, name: string, io: Io): Promise<string>;
}

const folder = '.plimsoll-install';
const ownFolder = 0o700;
const ownFile = 0o600;
/** An upload may take long, but must make progress. */
const stallMs = 60_000;

export function sshUploads(host: string, connection: SshConnection): HostUploads {
  return {
    folder,
    async put(source, name, io) {
      const path = `${folder}/${name}`;
      const idle = new AbortController();
      const stalled = setTimeout(() => idle.abort(new DOMException(`no progress`, 'TimeoutError')), stallMs);
      const within = { signal: AbortSignal.any([io.signal, idle.signal]) };
      const upload = connection.use(within, async ({ sftp }) => {
        try {
          await toPromise<void>((done) =>
            sftp.mkdir(folder, { mode: ownFolder }, (fault) => done(fault ?? undefined)),
          ).catch(ignoreFault('it is there already; otherwise the upload fails'));
          await toPromise<void>((done) => sftp.chmod(folder, ownFolder, (fault) => done(fault ?? undefined)));
          await toPromise<void>((done) => {
            const end = (fault?: Error | null) => done(fault ?? undefined);
            const step = () => stalled.refresh();
            if ('file' in source) sftp.fastPut(source.file, path, { mode: ownFile, step }, end);
            else sftp.writeFile(path, source.text, { mode: ownFile }, end);
          });
        } catch (cause) {
          if (cause instanceof ConnectionBroke) throw cause;
          throw new AppError('host-refused', `host ${host} did not take ${path}: ${fileFaultOf(cause)}`, {
            cause,
            hint: 'the home of its user needs room for the archive, and has to be writable',
          });
        }
      });
      try {
        await upload;
      } catch (cause) {
        if (io.signal.aborted || !idle.signal.aborted) throw cause;
        throw new AppError('host-hung', `host ${host} took nothing more of ${path} for ${stallMs / 1000} s`, {
          cause,
          hint: 'check the disk with the home of its user, and the network in between',
        });
      } finally {
        clearTimeout(stalled);
      }
      return path;
    },
  };
}

export function localUploads(): HostUploads {
  const home = join(homedir(), folder);
  return {
    folder: home,
    async put(source, name, { signal }) {
      const path = join(home, name);
      try {
        await mkdir(home, { recursive: true, mode: ownFolder });
        await chmod(home, ownFolder);
        if ('file' in source) await copyFile(source.file, path);
        else await writeFile(path, source.text, { signal });
        await chmod(path, ownFile);
      } catch (cause) {
        signal.throwIfAborted();
        throw new AppError('host-refused', `cannot write ${path}: ${(cause as Error).message}`, { cause });
      }
      return path;
    },
  };
}
