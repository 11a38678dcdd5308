// Builds the documentation site, and checks its links and requests.

import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { fullMatrix } from '../support/prerequisites.ts';

if (fullMatrix) {
  const repository = fileURLToPath(new URL('../..', import.meta.url));
  const site = join(repository, 'dist-site');
  const html = (page: string) => readFileSync(join(site, page), 'utf8');
  let pages: string[];

  beforeAll(() => {
    const words = [join(repository, 'tools/build-site.ts')];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: repository, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    pages = globSync('**/*.html', { cwd: site });
  });

  test('contains every page of docs/', () => {
    const written = globSync('**/*.md', { cwd: join(repository, 'docs') }).filter(
      (path) => !path.endsWith('0000-template.md'),
    );
    expect(pages).toEqual(expect.arrayContaining(written.map((path) => path.replace(/\.md$/, '.html'))));
  });

  test('every link points to a file of the site', () => {
    const lost = pages.flatMap((page) =>
      [...html(page).matchAll(/ (?:href|src)="(?![a-z]+:)([^"#?]+)[^"]*"/g)]
        .map(([, target = '']) => join(target.startsWith('/') ? site : join(site, dirname(page)), decodeURI(target)))
        .filter((path) => relative(site, path).startsWith('..') || (!existsSync(path) && !existsSync(`${path}.html`)))
        .map((path) => `${page}: ${relative(site, path)}`),
    );
    expect(lost).toEqual([]);
  });

  test('loads nothing from another server', () => {
    const loaded = pages.flatMap((page) => [
      ...html(page).matchAll(/<(?:script|img|link|iframe)[^>]+(?:src|href)="https?:[^"]*"/g),
    ]);
    expect(loaded.map(([tag]) => tag)).toEqual([]);
  });
}
