// Reads Plimsoll's version from its package.json, and locates the program's folders.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds core/, brokers/ and loadgen/. */
export const programRoot = fileURLToPath(new URL('../../', import.meta.url));

export const programVersion = (): string =>
  (JSON.parse(readFileSync(join(programRoot, 'package.json'), 'utf8')) as { version: string }).version;

/** How files of the program end here: run from sources, or built. */
export const programExtension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** The folder whose node_modules the program takes its packages from. */
export const packagesRoot = programExtension === '.ts' ? programRoot : dirname(programRoot);
