// Builds dist/: the product as JavaScript, with every file that it reads. With `--unchecked` it skips the type check.

import { chmod, cp, readFile, rm } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ifPresent } from '../core/files.ts';
import { runNode } from './run-node.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const command = join(dist, 'cli', 'launch.mjs');

await rm(dist, { recursive: true, force: true });
const compiler = [join(root, 'node_modules/typescript/bin/tsc'), '--project', join(root, 'tsconfig.build.json')];
const exitCode = await runNode([...compiler, ...(process.argv.includes('--unchecked') ? ['--noCheck'] : [])], root);
if (exitCode !== 0) process.exit(exitCode);

const { include } = JSON.parse(await readFile(join(root, 'tsconfig.build.json'), 'utf8')) as { include: string[] };
/** Read by `plimsoll init` and by editors. */
const schemas = 'docs/schema';
for (const folder of [...include, 'examples', schemas]) {
  const isAsset = (path: string) => extname(path) !== '.ts';
  await ifPresent(cp(join(root, folder), join(dist, folder), { recursive: true, filter: isAsset }));
}
await cp(join(root, 'package.json'), join(dist, 'package.json'));
await chmod(command, 0o755);
process.stdout.write('built dist/; dist/cli/launch.mjs is the command\n');
