// Writes programs, settings and links of an instance on a host; each operation can be repeated after a crash.

import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path/posix';
import { AppError } from '../../core/errors.ts';
import type { Installation } from '../../core/documents/instances.ts';
import type { Io } from '../host-files.ts';
import type { HostProgram, ProgramResult } from './host-commands.ts';
import type { InstanceHost } from './instance-host.ts';
import type { UploadSource } from './host-uploads.ts';

type Rights = Pick<Installation, 'sudo' | 'user'>;
type Sudo = Pick<Rights, 'sudo'>;
type DigestName = 'sha256' | 'sha512';

export interface UnpackedRelease {
  /** Folder of this version. */
  release: string;
  algorithm: DigestName;
  digest: string;
}

interface SentRelease extends UnpackedRelease {
  /** Digest of the file that is sent, by the same algorithm. */
  sentDigest: string;
  /** Folders that have no entry in the archive, parents first. */
  impliedFolders?: readonly string[];
}

/** Folders per call: xargs would split longer argument lists. */
const foldersAtOnce = 50;

/** Records the archive that a release was unpacked from; written before the release gets its name. */
const digestFile = '.plimsoll-archive';

export const releasesOf = ({ home, releases }: Pick<Installation, 'home' | 'releases'>): string =>
  releases ?? join(dirname(home), 'releases');
export const releaseOf = (install: Pick<Installation, 'home' | 'releases' | 'distribution'>): string =>
  join(releasesOf(install), install.distribution);
export const linkOf = ({ home }: Pick<Installation, 'home'>): string => join(home, 'current');

/**
 * @param how accepts: decides whether a failure counts as success.
 * @throws AppError host-refused with the program's message
 */
export async function runOn(
  { commands, name }: InstanceHost,
  program: HostProgram,
  args: readonly string[],
  { sudo, accepts }: Sudo & { accepts?: (result: ProgramResult) => boolean },
  io: Io,
): Promise<ProgramResult> {
  const result = await commands.run(program, args, io, { sudo });
  if (result.exitCode === 0 || accepts?.(result) === true) return result;
  const output = `${result.stderr}\n${result.stdout}`;
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.endsWith('due to previous errors'));
  const why =
    lines.find((line) => diskFull.test(line)) ??
    lines.find((line) => /error|denied|cannot|refused|sudo|No such/i.test(line)) ??
    lines.at(-1);
  throw new AppError('host-refused', `host ${name}: ${program} failed: ${why ?? `exit code ${result.exitCode}`}`, {
    ...(diskFull.test(output) && { hint: 'free disk space there' }),
    ...(/sudo:/.test(output) && {
      hint: `allow this user ${program} in sudoers with NOPASSWD, or log in as another user`,
    }),
  });
}

/** Messages of GNU tar; the second appears if part of a file still fits. */
const diskFull = /No space left|Wrote only \d+ of \d+ bytes/;

const owned = ({ user }: Rights) => (user === undefined ? [] : ['-o', user]);

/** Creates the folder and its parents. */
export async function makeFolder(host: InstanceHost, path: string, rights: Rights, io: Io): Promise<void> {
  await runOn(host, 'install', ['-d', '-m', '0750', ...owned(rights), '--', path], rights, io);
}

/** @returns the archive that a release was unpacked from; undefined if there is no release */
export async function readRelease(host: InstanceHost, release: string, io: Io): Promise<string | undefined> {
  const path = join(release, digestFile);
  const { texts } = await host.files.readAll([path], io);
  const text = texts.get(path)?.trim();
  if (text !== undefined) return text;
  return (await host.files.statAll([release], io)).has(release) ? '' : undefined;
}

export const archiveText = ({ algorithm, digest }: Pick<UnpackedRelease, 'algorithm' | 'digest'>) =>
  `${algorithm}:${digest}`;

const uploadOf = ({ digest }: Pick<UnpackedRelease, 'digest'>) => `${digest.slice(0, 32)}.tar.gz`;
const partialOf = ({ release }: Pick<UnpackedRelease, 'release'>) => `${release}.partial`;

/** Removes the partial release and the archive of an interrupted unpacking. */
export async function removeUnfinished(
  host: InstanceHost,
  unpacked: Pick<UnpackedRelease, 'release' | 'digest'>,
  rights: Sudo,
  io: Io,
): Promise<void> {
  await removeTree(host, partialOf(unpacked), rights, io);
  await removeTree(host, join(host.uploads.folder, uploadOf(unpacked)), { sudo: false }, io);
}

/** The release gets its name when it is complete; after an earlier failure, nothing remains. */
export async function unpack(
  host: InstanceHost,
  archive: string,
  unpacked: SentRelease,
  rights: Rights,
  io: Io,
): Promise<void> {
  if ((await readRelease(host, unpacked.release, io)) === archiveText(unpacked)) return;
  const clear = () =>
    removeUnfinished(host, unpacked, rights, io).catch((cause: unknown) => {
      if (!(cause instanceof AppError)) throw cause;
    });
  try {
    await copyAndUnpack(host, archive, unpacked, rights, io);
  } catch (cause) {
    // Cleanup would fail as well, so it is left to --resume and --abort.
    const isAway = cause instanceof AppError && (cause.code === 'host-hung' || cause.code === 'host-unreachable');
    if (!isAway) await clear();
    throw cause;
  }
  await clear();
}

/** Verifies the digest on the host. */
async function copyAndUnpack(
  host: InstanceHost,
  archive: string,
  unpacked: SentRelease,
  rights: Rights,
  io: Io,
): Promise<void> {
  const { release, algorithm, sentDigest, impliedFolders = [] } = unpacked;
  const remote = await host.uploads.put({ file: archive }, uploadOf(unpacked), io);
  const { stdout } = await runOn(host, `${algorithm}sum`, ['--', remote], { sudo: false }, io);
  const [arrived = ''] = stdout.trim().split(/\s/);
  if (arrived !== sentDigest) {
    throw new AppError(
      'archive-refused',
      `host ${host.name}: the archive arrived damaged: its ${algorithm} is ${shortDigest(arrived)}, and ${shortDigest(sentDigest)} here`,
      { hint: 'check the disk of that host and the network, then copy it again' },
    );
  }
  const partial = partialOf(unpacked);
  await runOn(host, 'rm', ['-rf', '--', partial], rights, io);
  await runOn(host, 'install', ['-d', '-m', '0755', '--', partial], rights, io);
  // With a login umask of 027 or 077, the broker's user could not read the release; folders without an archive entry get
  // that umask whatever the options are (GNU tar 1.35, extract.c: newdir_umask).
  for (let first = 0; first < impliedFolders.length; first += foldersAtOnce) {
    const some = impliedFolders.slice(first, first + foldersAtOnce).map((folder) => join(partial, folder));
    await runOn(host, 'install', ['-d', '-m', '0755', '--', ...some], rights, io);
  }
  const how = ['--strip-components=1', '--no-same-owner', '--same-permissions'];
  await runOn(host, 'tar', ['-xzf', remote, '-C', partial, ...how], rights, io);
  const text = `${archiveText(unpacked)}\n`;
  await putFile(host, { text }, { path: join(partial, digestFile), mode: '0644' }, rights, io);
  await runOn(host, 'mv', ['-T', '--', partial, release], rights, io);
}

const shortDigest = (digest: string) => `${digest.slice(0, 16)}…`;

/** Replaces atomically: readers see the old or the new content. */
export async function putFile(
  host: InstanceHost,
  source: UploadSource,
  { path, mode, owner }: { path: string; mode: string; owner?: string | undefined },
  { sudo }: Sudo,
  io: Io,
): Promise<void> {
  const remote = await host.uploads.put(source, fileUploadOf(path), io);
  const next = nextOf(path);
  await runOn(host, 'install', ['-D', '-m', mode, ...owned({ user: owner, sudo }), '--', remote, next], { sudo }, io);
  await runOn(host, 'mv', ['-fT', '--', next, path], { sudo }, io);
  await runOn(host, 'rm', ['-f', '--', remote], { sudo: false }, io);
}

const nextOf = (path: string) => `${path}.plimsoll-new`;
const fileUploadOf = (path: string) => `file-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`;

/** Removes a file or link, including the partial copy of an interrupted placement. */
export async function removePlaced(host: InstanceHost, path: string, rights: Sudo, io: Io): Promise<void> {
  await removePlacing(host, path, rights, io);
  await removeTree(host, path, rights, io);
}

/** Removes the rest of an interrupted placement. */
async function removePlacing(host: InstanceHost, path: string, rights: Sudo, io: Io): Promise<void> {
  await removeTree(host, nextOf(path), rights, io);
  await removeTree(host, join(host.uploads.folder, fileUploadOf(path)), { sudo: false }, io);
}

export const formerOf = (path: string) => `${path}.plimsoll-former`;

/** Keeps the former file under another name, with owner and permissions; a file kept earlier is not replaced. */
export async function keepFormer(
  { commands, name }: InstanceHost,
  path: string,
  { sudo }: Sudo,
  io: Io,
): Promise<void> {
  const { exitCode, stderr } = await commands.run('ln', ['-T', '--', path, formerOf(path)], io, { sudo });
  if (exitCode === 0 || stderr.includes('File exists')) return;
  throw refused({ name }, `${path} is not kept`, { exitCode, stderr });
}

/** @returns false if no former file is kept */
export async function putBack(host: InstanceHost, path: string, rights: Sudo, io: Io): Promise<boolean> {
  const former = formerOf(path);
  await removePlacing(host, path, rights, io);
  if ((await readText(host, former, rights, io)) === undefined) return false;
  const { exitCode, stderr } = await host.commands.run('mv', ['-fT', '--', former, path], io, rights);
  // The file was not replaced yet: both names refer to the same file.
  if (stderr.includes('are the same file')) await runOn(host, 'rm', ['-f', '--', former], rights, io);
  else if (exitCode !== 0) throw refused(host, `${path} is not put back`, { exitCode, stderr });
  return true;
}

const refused = (
  { name }: Pick<InstanceHost, 'name'>,
  what: string,
  { exitCode, stderr }: Pick<ProgramResult, 'exitCode' | 'stderr'>,
) => new AppError('host-refused', `host ${name}: ${what}: ${stderr.trim() || `exit code ${exitCode}`}`);

/** Settings are only readable by their owner. @returns undefined if the file does not exist */
export async function readText(
  { commands, name }: InstanceHost,
  path: string,
  { sudo }: Sudo,
  io: Io,
): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await commands.run('cat', ['--', path], io, { sudo });
  if (exitCode === 0) return stdout;
  if (stderr.includes('No such file')) return undefined;
  throw refused({ name }, `${path} cannot be read`, { exitCode, stderr });
}

/** Switches atomically: `current` names the old or the new release. */
export async function switchLink(host: InstanceHost, install: Installation, release: string, io: Io): Promise<void> {
  const link = linkOf(install);
  const next = nextOf(link);
  await runOn(host, 'ln', ['-sfn', '--', release, next], install, io);
  await runOn(host, 'mv', ['-fT', '--', next, link], install, io);
}

/** @returns the folder that `current` points to; undefined if there is no link */
export async function readLink(
  host: InstanceHost,
  install: Pick<Installation, 'home'>,
  io: Io,
): Promise<string | undefined> {
  const link = linkOf(install);
  return (await host.files.readLinks([link], io)).get(link);
}

/** Succeeds if the path does not exist. */
export async function removeTree(host: InstanceHost, path: string, rights: Sudo, io: Io): Promise<void> {
  await runOn(host, 'rm', ['-rf', '--', path], rights, io);
}

/**
 * @param deleted paths that are deleted together: mount points may be below `path`.
 * @returns false if a mount point remains, emptied
 */
export async function removeOrEmpty(
  host: InstanceHost,
  path: string,
  deleted: readonly string[],
  { sudo }: Sudo,
  io: Io,
): Promise<boolean> {
  const accepts = ({ stderr }: ProgramResult) => {
    // rm: cannot remove '/data1': Device or resource busy. Other messages would mean that content remains.
    const lines = stderr.split('\n').filter((each) => each.startsWith('rm: '));
    const isMount = (line: string) => line.endsWith(' busy') && deleted.some((each) => line.includes(` '${each}': `));
    return lines.length > 0 && lines.every(isMount);
  };
  const { exitCode } = await runOn(host, 'rm', ['-rf', '--', path], { sudo, accepts }, io);
  return exitCode === 0;
}
