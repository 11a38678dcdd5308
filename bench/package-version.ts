// Reads the exact version of a package that package.json pins.

import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const PackageDocument = z.object({ dependencies: z.record(z.string(), z.string()) });

export async function readPackageVersion(name: string): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  const version = PackageDocument.parse(JSON.parse(text)).dependencies[name];
  if (version === undefined) throw new RangeError(`package.json does not pin ${name}`);
  return version;
}
