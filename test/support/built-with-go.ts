// Builds a program from Go's module proxy once at an exact version, and caches it.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../core/user-folders.ts';

/**
 * Takes minutes the first time. `go install` would request the list of all versions from the proxy.
 *
 * @param name its folder in the cache
 * @param main folder of the program in the module, such as ./cmd/pint
 * @param tags of the build, if the module's own build uses some
 * @returns path of the program
 */
export function builtWithGo(
  name: string,
  module: string,
  version: string,
  main: string,
  tags: readonly string[] = [],
): Promise<string> {
  return onceInCache(name, version, async (binary) => {
    // Archives of the proxy lack vendored packages, although some contain their list (vendor/modules.txt).
    await goBuild(await moduleFolder(module, version), ['-mod=readonly', `-tags=${tags.join(',')}`], binary, main);
  });
}

/**
 * Builds a program whose module replaces others by sibling folders. The archive lacks these folders, so they are fetched from the proxy.
 *
 * @param main package of the program
 * @param siblings version of the modules beside it
 */
export function builtBesideSiblings(
  name: string,
  module: string,
  version: string,
  main: string,
  siblings: string,
): Promise<string> {
  return onceInCache(name, version, async (binary) => {
    const source = await moduleFolder(module, version);
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-go-'));
    try {
      const written = await readFile(join(source, 'go.mod'), 'utf8');
      const own = written
        .replace(/^module .*$/m, 'module siblings')
        .replaceAll(/^.*FORBIDDEN_DEPENDENCY.*$/gm, '')
        .replaceAll(/(\S+) => \.\S*$/gm, `$1 => $1 ${siblings}`);
      await writeFile(join(folder, 'go.mod'), own);
      await copyFile(join(source, 'go.sum'), join(folder, 'go.sum'));
      await writeFile(join(folder, 'tools.go'), `//go:build tools\n\npackage tools\n\nimport _ "${main}"\n`);
      await promisify(execFile)('go', ['mod', 'edit', `-require=${module}@${version}`], { cwd: folder });
      await goBuild(folder, ['-mod=mod', '-p=1'], binary, main);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}

async function onceInCache(name: string, version: string, build: (binary: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(process.env), name);
  const binary = join(folder, version);
  if (existsSync(binary)) return binary;
  await mkdir(folder, { recursive: true });
  const made = `${binary}.${process.pid}`;
  await build(made);
  await rename(made, binary);
  return binary;
}

async function goBuild(cwd: string, options: readonly string[], out: string, main: string): Promise<void> {
  await promisify(execFile)('go', ['build', ...options, '-o', out, main], { cwd, maxBuffer: 2 ** 26 });
}

/** @returns the read-only folder with the files of a module */
export async function moduleFolder(module: string, version: string): Promise<string> {
  const words = ['mod', 'download', '-json', `${module}@${version}`];
  // Run outside of any other module.
  const { stdout } = await promisify(execFile)('go', words, { cwd: tmpdir() });
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
