// Reads Plimsoll's version from its package.json, and locates the program's folders.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder that contains core/, brokers/ and loadgen/. */
export const programRoot = fileURLToPath(new URL('../../', import.meta.url));

export const programVersion = (): string =>
  (JSON.parse(readFileSync(join(programRoot, 'package.json'), 'utf8')) as { version: string }).version;

/** Extension of program files: run from sources, or built. */
export const programExtension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

/** Folder that contains the program's node_modules. */
export const packagesRoot = programExtension === '.ts' ? programRoot : dirname(programRoot);
