// Opens a host for instance operations: files, uploads, and programs that install instances and control supervisors.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { HostConfig, SshHost } from '../config.ts';
import { openLocalFiles } from '../files/local.ts';
import { openSshFiles } from '../files/ssh.ts';
import type { HostFiles } from '../host-files.ts';
import { answeringIn, createSshConnection } from '../ssh/connection.ts';
import { localUploads, sshUploads, type HostUploads } from './host-uploads.ts';
import { localCommands, sshCommands, type HostCommands } from './host-commands.ts';

export interface InstanceHost extends AsyncDisposable {
  name: string;
  files: HostFiles;
  commands: HostCommands;
  uploads: HostUploads;
  procfs: string;
}

/** Timeout of a reading, which normally takes a second: a file on a dead mount never returns. */
const readingMs = 60_000;

/** Connects on the first request. @throws AppError usage for a host that is read through node_exporter */
export function openInstanceHost(name: string, config: HostConfig, { clock }: { clock: Clock }): InstanceHost {
  if (config.probe === 'node-exporter') {
    throw new AppError('usage', `host ${name} is read through node_exporter, which shows no processes`, {
      hint: `set hosts.${name}.probe to ssh or local to operate its instances`,
    });
  }
  const { files, ...tools } = config.probe === 'local' ? localTools(name, clock) : sshTools(name, config, clock);
  return { name, files, ...tools, procfs: config.procfs, [Symbol.asyncDispose]: () => files[Symbol.asyncDispose]() };
}

type HostTools = Pick<InstanceHost, 'files' | 'commands' | 'uploads'>;

const localTools = (name: string, clock: Clock): HostTools => ({
  files: openLocalFiles({ clock }),
  commands: localCommands(name),
  uploads: localUploads(),
});

function sshTools(name: string, config: SshHost, clock: Clock): HostTools {
  const connection = createSshConnection(name, config, { clock });
  return {
    // Disposing the files also closes the connection.
    files: openSshFiles(answeringIn(readingMs, connection), clock),
    commands: sshCommands(name, connection),
    uploads: sshUploads(name, connection),
  };
}
