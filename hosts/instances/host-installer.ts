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
export type DigestName = 'sha256' | 'sha512';

export interface UnpackedRelease {
  /** Folder of this version. */
  release: string;
  algorithm: DigestName;
  digest: string;
}

/** States which archive a release was unpacked from; written before the release gets its name. */
export const digestFile = '.plimsoll-archive';

export const releasesOf = ({ home, releases }: Pick<Installation, 'home' | 'releases'>): string =>
  releases ?? join(dirname(home), 'releases');
export const releaseOf = (install: Pick<Installation, 'home' | 'releases' | 'distribution'>): string =>
  join(releasesOf(install), install.distribution);
export const linkOf = ({ home }: Pick<Installation, 'home'>): string => join(home, 'current');

/** @throws AppError host-refused with what the program answered */
export async function runOn(
  { commands, name }: InstanceHost,
  program: HostProgram,
  args: readonly string[],
  { sudo }: Pick<Rights, 'sudo'>,
  io: Io,
): Promise<ProgramResult> {
  const result = await commands.run(program, args, io, { sudo });
  if (result.exitCode === 0) return result;
  const output = `${result.stderr}\n${result.stdout}`;
  const lines = output.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  const why = lines.find((line) => /error|denied|cannot|refused|sudo|No such|No space/i.test(line)) ?? lines.at(-1);
  throw new AppError('host-refused', `host ${name}: ${program} failed: ${why ?? `exit code ${result.exitCode}`}`, {
    ...(/No space left/.test(output) && { hint: 'free disk space there' }),
    ...(/sudo:/.test(output) && {
      hint: `allow this user ${program} in sudoers with NOPASSWD, or log in as another user`,
    }),
  });
}

const owned = ({ user }: Rights) => (user === undefined ? [] : ['-o', user]);

/** Its parents are made, too. */
export async function makeFolder(host: InstanceHost, path: string, rights: Rights, io: Io): Promise<void> {
  await runOn(host, 'install', ['-d', '-m', '0750', ...owned(rights), '--', path], rights, io);
}

/** @returns the archive that a release was unpacked from; undefined where there is none */
export async function readRelease(host: InstanceHost, release: string, io: Io): Promise<string | undefined> {
  const path = join(release, digestFile);
  const { texts } = await host.files.readAll([path], io);
  const text = texts.get(path)?.trim();
  if (text !== undefined) return text;
  return (await host.files.statAll([release], io)).has(release) ? '' : undefined;
}

export const archiveText = ({ algorithm, digest }: Pick<UnpackedRelease, 'algorithm' | 'digest'>) =>
  `${algorithm}:${digest}`;

/** The digest is computed again on the host. The release appears under its name once it is whole. */
export async function unpack(
  host: InstanceHost,
  archive: string,
  { release, algorithm, digest }: UnpackedRelease,
  rights: Rights,
  io: Io,
): Promise<void> {
  if ((await readRelease(host, release, io)) === archiveText({ algorithm, digest })) return;
  const remote = await host.uploads.put({ file: archive }, `${digest.slice(0, 32)}.tar.gz`, io);
  try {
    const { stdout } = await runOn(host, `${algorithm}sum`, ['--', remote], { sudo: false }, io);
    if (stdout.trim().split(/\s/)[0] !== digest) {
      throw new AppError(
        'archive-refused',
        `host ${host.name}: the archive arrived damaged, its ${algorithm} is another`,
        {
          hint: 'run it again; if it repeats, check the disk of the host',
        },
      );
    }
    const partial = `${release}.partial`;
    await runOn(host, 'rm', ['-rf', '--', partial], rights, io);
    await runOn(host, 'install', ['-d', '-m', '0755', '--', partial], rights, io);
    const how = ['--strip-components=1', '--no-same-owner', '--no-same-permissions'];
    await runOn(host, 'tar', ['-xzf', remote, '-C', partial, ...how], rights, io);
    await putFile(
      host,
      { text: `${archiveText({ algorithm, digest })}\n` },
      { path: join(partial, digestFile), mode: '0644' },
      rights,
      io,
    );
    await runOn(host, 'mv', ['-T', '--', partial, release], rights, io);
  } finally {
    await runOn(host, 'rm', ['-f', '--', remote], { sudo: false }, io).catch((cause: unknown) => {
      if (!(cause instanceof AppError)) throw cause;
    });
  }
}

export interface PlacedFile {
  path: string;
  mode: string;
  owner?: string | undefined;
}

/** A reader sees the old or the new contents. */
export async function putFile(
  host: InstanceHost,
  source: UploadSource,
  { path, mode, owner }: PlacedFile,
  { sudo }: Pick<Rights, 'sudo'>,
  io: Io,
): Promise<void> {
  const remote = await host.uploads.put(
    source,
    `file-${createHash('sha256').update(path).digest('hex').slice(0, 32)}`,
    io,
  );
  const next = `${path}.plimsoll-new`;
  await runOn(host, 'install', ['-D', '-m', mode, ...owned({ user: owner, sudo }), '--', remote, next], { sudo }, io);
  await runOn(host, 'mv', ['-fT', '--', next, path], { sudo }, io);
  await runOn(host, 'rm', ['-f', '--', remote], { sudo: false }, io);
}

/** In one step: `current` names the old or the new release. */
export async function switchLink(host: InstanceHost, install: Installation, release: string, io: Io): Promise<void> {
  const link = linkOf(install);
  const next = `${link}.plimsoll-new`;
  await runOn(host, 'ln', ['-sfn', '--', release, next], install, io);
  await runOn(host, 'mv', ['-fT', '--', next, link], install, io);
}

/** @returns folder that `current` names; undefined where there is no link */
export async function readLink(
  host: InstanceHost,
  install: Pick<Installation, 'home'>,
  io: Io,
): Promise<string | undefined> {
  const link = linkOf(install);
  return (await host.files.readLinks([link], io)).get(link);
}

/** What is not there is removed already. */
export async function removeTree(
  host: InstanceHost,
  path: string,
  rights: Pick<Rights, 'sudo'>,
  io: Io,
): Promise<void> {
  await runOn(host, 'rm', ['-rf', '--', path], rights, io);
}
