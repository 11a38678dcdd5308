// Does everything hold? `npm test [-- PROJECT… PATH…]` runs the projects and closes with one plain sum over them.

import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { startVitest, type Reporter } from 'vitest/node';
import { readCommit, updateEvidencePage } from '../tools/evidence-page.ts';
import { renderReliability } from './support/reliability.ts';
import { closingLine, exitCodeOf, listSkipped, outcomesOf, sum, type FileOutcome } from './support/tally.ts';

const projects = new Set(['unit', 'property', 'integration', 'e2e']);

const { values, positionals } = parseArgs({
  options: { full: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (values.full) process.env['PLIMSOLL_TEST_FULL'] = '1';

const files: FileOutcome[] = [];
let strayErrors = 0;
const collect: Reporter = {
  onTestRunEnd(modules, errors) {
    files.push(...modules.map((module) => outcomesOf(module)));
    strayErrors = errors.length;
  },
};

const startedAt = new Date();
const chosen = positionals.filter((word) => projects.has(word));
const paths = positionals.filter((word) => !projects.has(word));
const vitest = await startVitest(paths, {
  watch: false,
  reporters: ['default', collect],
  ...(chosen.length > 0 && { project: chosen }),
});
await vitest.close();

const tally = sum(files, strayErrors);
if (values.full) {
  const commit = await readCommit();
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const machine = `${process.platform} ${process.arch}, ${availableParallelism()} cores`;
  const command = ['npm run test:full', ...(positionals.length > 0 ? ['--', ...positionals] : [])].join(' ');
  await updateEvidencePage('docs/reliability.md', {
    // The tables are of a run of everything; a part of it is an attempt like others.
    ...(positionals.length === 0 && { tables: renderReliability(files, { command, commit, at: startedAt, machine }) }),
    attempt: { command, commit, at: startedAt, outcome: `${closingLine(tally)} in ${seconds} s (${machine})` },
  });
}
// Exits here, so that a timer a test left behind can neither delay the sum nor print after it.
const summary = `\n${listSkipped(files)}${closingLine(tally)}\n`;
process.stdout.write(summary, () => process.exit(exitCodeOf(tally, process.env)));
