// Packs the sources as an npm package and an offline bundle of any version.

import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const left = new Set(['node_modules', '.git', 'dist', 'dist-bundles', 'evidence']);

export interface PackedVersion {
  /** plimsoll-VERSION.tgz */
  npmPackage: string;
  /** plimsoll-VERSION-linux-x64.tar.gz */
  bundle: string;
}

/** Takes half a minute on two processors. @param folder for the copied sources and the archives */
export function packVersion(version: string, folder: string): PackedVersion {
  const copy = join(folder, `sources-${version}`);
  const out = join(folder, `packed-${version}`);
  mkdirSync(out, { recursive: true });
  cpSync(repository, copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !left.has(path.slice(repository.length)),
  });
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  const must = (program: string, ...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, words, { cwd: copy, encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (status !== 0)
      throw new Error(`${program} ${words[0]} ended with ${status}:\n${(stdout + stderr).slice(-2000)}`);
  };
  must('npm', 'version', version, '--no-git-tag-version', '--ignore-scripts', '--allow-same-version');
  must(process.execPath, 'tools/packaging/bundle.ts', '--arch', process.arch, '--out', out);
  must('npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', out);
  const [npmPackage = ''] = globSync('*.tgz', { cwd: out });
  const [bundle = ''] = globSync('*.tar.gz', { cwd: out });
  return { npmPackage: join(out, npmPackage), bundle: join(out, bundle) };
}
