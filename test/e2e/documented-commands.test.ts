// Does every block of the quick start and of the tutorial do what the page says? Each page from its top in a folder of its own.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { shellBlocksOf } from '../support/documented-blocks.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'plimsoll-documented-'));
const programs = join(scratch, 'bin');
mkdirSync(programs);
const command = `#!/bin/sh\nexec '${process.execPath}' '${join(repository, 'cli/main.ts')}' "$@"\n`;
writeFileSync(join(programs, 'plimsoll'), command, { mode: 0o755 });
afterAll(() => rmSync(scratch, { recursive: true }));

test.each(['docs/quick-start.md', 'docs/tutorial/from-a-load-test-to-a-signed-report.md'])('%s', (path) => {
  const folder = mkdtempSync(join(scratch, 'page-'));
  symlinkSync(join(repository, 'examples'), join(folder, 'examples'));
  const blocks = shellBlocksOf(readFileSync(join(repository, path), 'utf8'));
  const executed = blocks.filter(({ isElsewhere }) => !isElsewhere);
  expect(executed.length).toBeGreaterThan(0);
  for (const { line, script, prints } of executed) {
    const { status, stdout, stderr } = spawnSync('sh', ['-eu', '-c', script], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${programs}${delimiter}${process.env['PATH']}` },
    });
    expect(status, `${path}:${line}\n${stderr}`).toBe(0);
    const printed = new Set(stdout.split('\n'));
    expect(
      prints.filter((each) => !printed.has(each)),
      `${path}:${line} prints\n${stdout}`,
    ).toEqual([]);
  }
});
