// Writes the generated files that differ, and lists them.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ignoreFault } from '../core/errors.ts';
import { generated } from './generated.ts';

for (const { path, render } of generated) {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
  const text = await render();
  const before = await readFile(file, 'utf8').catch(ignoreFault('a new file has no former text'));
  if (before === text) continue;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  process.stdout.write(`${before === undefined ? 'made' : 'updated'} ${path}\n`);
}
process.stdout.write(`${generated.length} generated files are up to date\n`);
