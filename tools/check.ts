// Runs format, lint, types and the tests that need only Node, and reports all failures.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode } from './run-node.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = (path: string) => join(root, 'node_modules', path);

const checks = {
  format: [program('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  lint: [program('oxlint/bin/oxlint')],
  types: [program('typescript/bin/tsc')],
  'browser scripts': [program('typescript/bin/tsc'), '--project', join(root, 'tsconfig.browser.json')],
  tests: [join(root, 'test/run.ts'), 'unit', 'property'],
};

const failed: string[] = [];
for (const [name, words] of Object.entries(checks)) {
  process.stdout.write(`\n== ${name}\n`);
  if ((await runNode(words, root)) !== 0) failed.push(name);
}
process.stdout.write(failed.length === 0 ? '\nall checks passed\n' : `\nnot passed: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
