// Runs promtool on the shipped rules: each alert fires and stays silent, also if two instances are scraped.

import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { cp, mkdir, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { rulesFolder } from '../../support/alert-rules.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const run = promisify(execFile);

interface RuleTests {
  tests: { input_series: { series: string; values: string }[] }[];
}

/** Duplicates each series like a Prometheus with two scraped instances; series that name an instance stay single. */
function ofTwoInstances(text: string): string {
  const document = parse(text) as RuleTests;
  const tests = document.tests.map((each) => ({
    ...each,
    input_series: each.input_series.flatMap(({ series, values }) =>
      series.includes('instance=')
        ? [{ series, values }]
        : ['ops-1:18761', 'ops-2:18761'].map((instance) => ({ series: withInstance(series, instance), values })),
    ),
  }));
  return stringify({ ...document, tests });
}

function withInstance(series: string, instance: string): string {
  const [, name = '', labels = ''] = /^([^{]+)(?:\{(.*)\})?$/s.exec(series) ?? [];
  return `${name}{${[labels, `instance="${instance}"`].filter((part) => part !== '').join(', ')}}`;
}

requires('promtool').describe('promtool', () => {
  test.each(globSync(`${rulesFolder}/*.yaml`).map((path) => [basename(path), path] as const))(
    'promtool accepts %s and its tests pass',
    async (name, path) => {
      await run('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', path]);
      const { stdout } = await run('promtool', [
        'test',
        'rules',
        ...globSync(`${rulesFolder}/../tests/${basename(name, '.yaml')}{,-*}.test.yaml`),
      ]);
      expect(stdout).toContain('SUCCESS');
    },
  );

  // One file shows it in each test run.
  const doubled = globSync(`${rulesFolder}/../tests/*.yaml`).filter(
    (path) => fullMatrix || path.endsWith('kafka.test.yaml'),
  );
  test.each(doubled.map((path) => [basename(path), path] as const))(
    'the alerts of %s are the same, once each, if two instances are scraped',
    async (name, path) => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-two-instances-'));
      await cp(rulesFolder, join(folder.path, 'rules'), { recursive: true });
      await mkdir(join(folder.path, 'tests'));
      await writeFile(join(folder.path, 'tests', name), ofTwoInstances(await readFile(path, 'utf8')));
      const { stdout } = await run('promtool', ['test', 'rules', join(folder.path, 'tests', name)]);
      expect(stdout).toContain('SUCCESS');
    },
  );
});
