// Decides whether supervisorctl may use the configuration file that a process names.

import { isAbsolute, join, resolve } from 'node:path/posix';
import { ignoreFault } from '../../core/errors.ts';
import type { Io } from '../host-files.ts';
import { parseRealUser } from '../proc/process.ts';
import { hasOwnRoot, readContainment } from '../processes/containment.ts';
import type { InstanceHost } from './instance-host.ts';

export interface Ancestor {
  pid: number;
  args: readonly string[];
  /** Text of /proc/PID/status. */
  status: string;
}

export function configNamedBy({ args }: Ancestor): string | undefined {
  const option = args.findIndex((word) => word === '-c' || word === '--configuration');
  return option < 0 ? undefined : args[option + 1];
}

/**
 * supervisorctl runs code that its configuration names (`ctlplugin`), perhaps as root. Any user can start a process
 * with these arguments, even as root: sudo has them while it waits for a password. So checking the user of the process
 * is not enough: root or the login user must also own the file and every folder above it, and no other user may have
 * write permission.
 *
 * @param named a relative path is relative to the folder where the process was started
 * @returns undefined if another user may have named or written the file
 */
export async function usableConfig(
  { files, commands, procfs }: InstanceHost,
  { pid, status }: Ancestor,
  named: string,
  io: Io,
): Promise<string | undefined> {
  const self = join(procfs, 'self/status');
  const login = parseRealUser((await files.readAll([self], io)).texts.get(self) ?? '');
  const mayNameIt = (user: number | undefined) => user === 0 || (user !== undefined && user === login);
  if (!mayNameIt(parseRealUser(status))) return undefined;
  const isContained = await readContainment(files, { procfs, pid, status }, io);
  if (isContained || (await hasOwnRoot(files, { procfs, pid }, io))) return undefined;
  const link = join(procfs, String(pid), 'cwd');
  const folder = isAbsolute(named) ? '/' : (await files.readLinks([link], io)).get(link);
  if (folder === undefined) return undefined;
  const path = resolve(folder, named);
  const paths = path.split('/').map((_, index, names) => names.slice(0, index + 1).join('/') || '/');
  const result = await commands
    .run('stat', ['-c', '%u %a %F %n', '--', ...paths], io)
    .catch(ignoreFault('the file is then not used'));
  const found = (result?.stdout ?? '').trim().split('\n').map(parseOwned);
  // Other users cannot enter such a folder (/root has mode 550 on RHEL). Other folders of root (/var/lib/private)
  // contain files of services.
  const sealed = found.findIndex(({ user, mode, name }) =>
    name === rootHome ? (mode & 0o027) === 0 : (mode & 0o777) === 0o700 && user !== 0 && user === login,
  );
  const isSafe = ({ user, mode, kind, name }: OwnedPath, index: number) => {
    const isClosed = (mode & 0o022) === 0 || (index > sealed && ((found[sealed]?.mode ?? 0o777) & 0o077) === 0);
    // Empty files, such as those in /proc, are `regular empty file`. In a folder with the sticky bit, only the owner
    // can replace a file.
    const isRight = index === paths.length - 1 ? kind === 'regular file' && isClosed : kind === 'directory';
    return name === paths[index] && mayNameIt(user) && isRight && (isClosed || (mode & 0o1000) !== 0);
  };
  // A login user other than root cannot see files in root's home.
  const isComplete = found.length === paths.length || paths[sealed] === rootHome;
  return isComplete && found.every(isSafe) ? path : undefined;
}

const rootHome = '/root';

type OwnedPath = ReturnType<typeof parseOwned>;

/** Parses `0 755 directory /srv`; stat(1) prints no line for a path that it cannot see. */
function parseOwned(line: string) {
  const [, user, mode = '', kind = '', name = ''] = /^(\d+) ([0-7]+) ([a-z ]+) (\/.*)$/.exec(line) ?? [];
  return { user: Number(user), mode: Number.parseInt(mode, 8), kind, name };
}
