// Provides the distributions of instances.yaml as checked archives on this machine, and the files that are installed with them.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Io } from '../../brokers/driver.ts';
import { AppError } from '../../core/errors.ts';
import type { Distribution } from '../../core/documents/instances.ts';
import { checkTarball, digestOf, requireDigest, type StatedDigest } from '../../ops/instances/install/check-archive.ts';
import type { Packages, PreparedArchive } from '../../ops/instances/facts.ts';
import type { Caller } from '../caller.ts';
import type { DesiredState } from './desired-file.ts';
import { downloadArchive } from './download-archive.ts';
import { isZip, repackZip } from './repack-zip.ts';

export function openPackages(
  { file, distributions = {} }: Pick<DesiredState, 'file' | 'distributions'>,
  { environment }: Pick<Caller, 'environment'>,
): Packages {
  const folder = dirname(file);
  const prepared = new Map<string, Promise<PreparedArchive>>();

  async function prepare(name: string, io: Io): Promise<PreparedArchive> {
    const distribution = Object.hasOwn(distributions, name) ? distributions[name] : undefined;
    if (distribution === undefined) {
      throw new AppError('config-invalid', `${file} has no distribution ${name}`, {
        hint: 'add it under `distributions` with its archive and sha512',
      });
    }
    const stated = statedBy(distribution);
    const { archive } = distribution;
    const isRemote = /^https?:\/\//.test(archive);
    const path = isRemote ? await downloadArchive(archive, stated, environment, io) : resolve(folder, archive);
    if (!isRemote) await requireDigest(path, stated, io);
    if (!(await isZip(path))) return { path, sentDigest: stated.digest, ...stated, ...(await checkTarball(path, io)) };
    const packed = await repackZip(path, stated, environment, io);
    const sentDigest = await digestOf(packed, stated.algorithm, io);
    return { path: packed, sentDigest, ...stated, ...(await checkTarball(packed, io)) };
  }

  return {
    archiveOf(name, io) {
      const known = prepared.get(name) ?? prepare(name, io);
      prepared.set(name, known);
      return known;
    },
    async textOf(path) {
      try {
        return await readFile(resolve(folder, path), 'utf8');
      } catch (cause) {
        throw new AppError('config-unreadable', `cannot read ${resolve(folder, path)}: ${(cause as Error).message}`, {
          cause,
          hint: '`install.files` in instances.yaml names files below the folder of that file',
        });
      }
    },
  };
}

function statedBy({ sha256, sha512 }: Distribution): StatedDigest {
  return sha512 === undefined
    ? { algorithm: 'sha256', digest: (sha256 ?? '').toLowerCase() }
    : { algorithm: 'sha512', digest: sha512.toLowerCase() };
}
