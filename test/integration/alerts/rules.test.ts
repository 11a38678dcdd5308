// Runs promtool on the shipped rules: each alert fires and stays silent.

import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { rulesFolder } from '../../support/alert-rules.ts';
import { requires } from '../../support/prerequisites.ts';

const run = promisify(execFile);

requires('promtool').describe('promtool', () => {
  test.each(globSync(`${rulesFolder}/*.yaml`).map((path) => [basename(path), path] as const))(
    'takes %s and what it is tested with',
    async (name, path) => {
      await run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', path]);
      const { stdout } = await run('promtool', [
        'test',
        'rules',
        `${rulesFolder}/../tests/${name.replace('.yaml', '.test.yaml')}`,
      ]);
      expect(stdout).toContain('SUCCESS');
    },
  );
});
