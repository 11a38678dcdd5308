// Runs format, lint, types and the tests that need only Node, or the checks named in the arguments, and reports all failures.

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

/** Run only if named: they need more than Node. */
const named = {
  grafana: [join(root, 'test/grafana/check.ts')],
  'grafana-brokers': [join(root, 'test/grafana/check.ts'), '--brokers'],
};

const all: Readonly<Record<string, string[]>> = { ...checks, ...named };
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(checks);
/** Exit code of automake test programs that lack prerequisites. */
const notRunCode = 77;
const notRun: string[] = [];
const failed: string[] = [];
for (const name of chosen) {
  const args = all[name];
  if (args === undefined) {
    process.stdout.write(`\nno check ${name}: there are ${Object.keys(all).join(', ')}\n`);
    failed.push(name);
    continue;
  }
  process.stdout.write(`\n== ${name}\n`);
  const code = await runNode(args, root);
  if (code === notRunCode) notRun.push(name);
  else if (code !== 0) failed.push(name);
}
if (notRun.length > 0) process.stdout.write(`\nnot run: ${notRun.join(', ')}\n`);
process.stdout.write(
  failed.length === 0 ? (notRun.length === 0 ? '\nall checks passed\n' : '') : `\nnot passed: ${failed.join(', ')}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
