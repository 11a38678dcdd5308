// Finds GC logs from arguments: files, folders, standard input; groups the rotated files of a JVM.

import { access, constants, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, ignoreFault } from '../../core/errors.ts';
import { isFolder } from '../../core/files.ts';
import { fileChunks } from '../../gc/log/file-chunks.ts';
import { findRotatedLogs, type FoundLogs, type LogFile, type RotatedLog } from '../../gc/log/rotated-logs.ts';
import type { InputFile } from '../../gc/report/gc-report.ts';
import type { RemoteAccess } from './ssh-logs.ts';

export interface Inputs extends AsyncDisposable {
  logs: RotatedLog[];
  /** Size of the found logs, as far as known. */
  totalBytes: number;
  /** Named files that cannot be read. */
  problems: InputFile[];
}

interface FindOptions {
  stdin: AsyncIterable<Uint8Array>;
  /** For `ssh://`. */
  access?: RemoteAccess;
  signal: AbortSignal;
}

interface Listed {
  files: (LogFile & { sizeBytes: number })[];
  problems: InputFile[];
}

/** @throws AppError gc-log-unreadable for a folder without GC logs, no-permission for one that cannot be listed */
export async function findLogs(args: readonly string[], options: FindOptions): Promise<Inputs> {
  const connections = new AsyncDisposableStack();
  const inputs: Inputs = {
    logs: [],
    totalBytes: 0,
    problems: [],
    [Symbol.asyncDispose]: () => connections.disposeAsync(),
  };
  const named: Listed = { files: [], problems: [] };
  for (const word of args) {
    if (word === '-')
      inputs.logs.push({ name: '-', files: [{ path: '-', modifiedAtMs: 0, open: () => options.stdin }] });
    else if (word.startsWith('ssh://')) await addRemote(inputs, connections, word, options);
    else if (await isFolder(word)) await addFound(inputs, await listFolder(word), word);
    else await list(word, named);
  }
  await addFound(inputs, named);
  return inputs;
}

async function addRemote(
  inputs: Inputs,
  connections: AsyncDisposableStack,
  word: string,
  { access = {}, signal }: FindOptions,
): Promise<void> {
  const { openRemoteLogs } = await import('./ssh-logs.ts');
  const remote = connections.use(await openRemoteLogs(word, access, { signal }));
  await addFound(inputs, { files: remote.files, problems: [] }, remote.isFolder ? word : undefined);
}

async function addFound(inputs: Inputs, { files: listed, problems }: Listed, folder?: string): Promise<void> {
  const { logs, leftOut } = await findRotatedLogs(listed);
  inputs.logs.push(...logs);
  inputs.problems.push(...problems);
  const kept = new Set(logs.flatMap(({ files }) => files.map(({ path }) => path)));
  for (const { path, sizeBytes } of listed) if (kept.has(path)) inputs.totalBytes += sizeBytes;
  if (folder !== undefined && logs.length === 0 && problems.length === 0) {
    throw new AppError('gc-log-unreadable', `no file in ${folder} is a GC log`, {
      hint: 'give the folder of the logs: -Xloggc or -Xlog of the JVM names it (RocketMQ: /dev/shm where there is one)',
    });
  }
  for (const { path, why, of } of leftOut) {
    // Other files in a folder are ignored. A copy of a log is reported, because it would count twice.
    if (folder !== undefined && why !== 'copy') continue;
    inputs.problems.push({ path, bytes: 0, problem: of === undefined ? refusals[why] : `it is a copy of ${of}` });
  }
}

/** Reasons to skip a file. */
export const refusals = {
  empty: 'it is empty',
  binary: 'it is binary, and no GC log',
  'no-gc-lines': 'it is not a GC log: no line has a known format',
  copy: 'it is a copy of another one',
} as const satisfies Record<FoundLogs['leftOut'][number]['why'], string>;

export const damageTexts = {
  'gzip-cut': 'the gzip file is truncated; the readable part is counted',
  'gzip-corrupt': 'the gzip file is damaged; the readable part is counted',
} as const;

async function listFolder(folder: string): Promise<Listed> {
  const listed: Listed = { files: [], problems: [] };
  try {
    for (const name of (await readdir(folder)).toSorted()) {
      const path = join(folder, name);
      const about = await stat(path).catch(ignoreFault('the file is gone or unreadable'));
      if (about?.isFile()) await list(path, listed);
    }
  } catch (cause) {
    throw new AppError('no-permission', `cannot list ${folder}: ${(cause as Error).message}`, { cause });
  }
  return listed;
}

/** Records a file that fails to open, so that the others are still read. */
async function list(path: string, { files, problems }: Listed): Promise<void> {
  try {
    await access(path, constants.R_OK);
    const about = await stat(path);
    // Each log is read twice, first for its place among rotated ones.
    if (!about.isFile()) throw new Error('it is a pipe or a device; `-` reads standard input');
    files.push({
      path,
      sizeBytes: about.size,
      modifiedAtMs: about.mtimeMs,
      open: () => fileChunks(path),
    });
  } catch (cause) {
    problems.push({ path, bytes: 0, problem: openingProblem(cause as NodeJS.ErrnoException) });
  }
}

export const openingRefusals = {
  ENOENT: 'no such file',
  EACCES: 'this user may not read it',
  EPERM: 'this user may not read it',
} as const;

const openingProblem = ({ code = '', message }: NodeJS.ErrnoException): string =>
  (openingRefusals as Readonly<Record<string, string>>)[code] ?? message;
