// Builds a program from Go's module proxy once at an exact version, and caches it.

import { execFile } from 'node:child_process';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../core/user-folders.ts';

/**
 * Minutes the first time. `go install` would ask the proxy for all versions there are.
 *
 * @param name its folder in the cache
 * @param main folder of the program in the module, such as ./cmd/pint
 * @param tags of the build, where the module's own build has some
 * @returns path of the program
 */
export async function builtWithGo(
  name: string,
  module: string,
  version: string,
  main: string,
  tags: readonly string[] = [],
): Promise<string> {
  const folder = join(cacheFolder(process.env), name);
  const binary = join(folder, version);
  const isThere = await stat(binary).then(
    () => true,
    () => false,
  );
  if (isThere) return binary;
  await mkdir(folder, { recursive: true });
  const run = promisify(execFile);
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: folder });
  const { Dir: source } = JSON.parse(stdout) as { Dir: string };
  const made = `${binary}.${process.pid}`;
  // Archives of the proxy have no vendored packages, though some have the list of them.
  await run('go', ['build', '-mod=readonly', `-tags=${tags.join(',')}`, '-o', made, main], {
    cwd: source,
    maxBuffer: 2 ** 26,
  });
  await rename(made, binary);
  return binary;
}
