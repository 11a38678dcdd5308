// Runs the shell blocks of the README, the quick start and the tutorial (of more pages in the full matrix), and compares their output.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { shellBlocksOf } from '../support/documented-blocks.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'plimsoll-documented-'));
const programs = join(scratch, 'bin');
mkdirSync(programs);
const command = `#!/bin/sh\nexec '${process.execPath}' '${join(repository, 'cli/main.ts')}' "$@"\n`;
writeFileSync(join(programs, 'plimsoll'), command, { mode: 0o755 });
afterAll(() => rmSync(scratch, { recursive: true }));

/** Pages, and substitutes for files of their reader: path in the folder, file of the repository. */
const quick: [page: string, standIns: Record<string, string>][] = [
  ['README.md', {}],
  ['docs/tutorial/quick-start.md', {}],
  ['docs/tutorial/from-a-load-test-to-a-signed-report.md', {}],
];
const more: typeof quick = [
  [
    'docs/explanation/report.md',
    {
      'domains.yaml': 'examples/domains.yaml',
      'domains-catalogue.yaml': 'examples/domains-catalogue.yaml',
      'orders.csv': 'examples/forecast/orders.csv',
      'runs/orders': 'examples/load-test',
    },
  ],
];

test.each(fullMatrix ? [...quick, ...more] : quick)('%s', (path, standIns) => {
  const folder = mkdtempSync(join(scratch, 'page-'));
  for (const [place, file] of Object.entries({ examples: 'examples', ...standIns })) {
    mkdirSync(dirname(join(folder, place)), { recursive: true });
    symlinkSync(join(repository, file), join(folder, place));
  }
  const blocks = shellBlocksOf(readFileSync(join(repository, path), 'utf8'));
  const executed = blocks.filter(({ isElsewhere }) => !isElsewhere);
  expect(executed.length).toBeGreaterThan(0);
  for (const { line, script, prints } of executed) {
    const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH']}` },
    });
    // 6: a threshold was crossed, such as the NO-GO of a report, which is a valid result.
    expect([0, 6], `${path}:${line}\n${stderr}`).toContain(status);
    const printed = new Set(stdout.split('\n'));
    expect(
      prints.filter((each) => !printed.has(each)),
      `${path}:${line} prints\n${stdout}`,
    ).toEqual([]);
  }
});
