// Compares the classes in the style sheets of the pages with those that renderers and scripts write.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const web = join(import.meta.dirname, '../../dashboards/web');
const textOf = (pattern: string) =>
  globSync(pattern, { cwd: web })
    .map((name) => readFileSync(join(web, name), 'utf8'))
    .join('\n');

const sheets = (textOf('../../core/text/styles/*.css') + textOf('assets/styles/*.css')).replaceAll(
  /\/\*[\s\S]*?\*\//g,
  '',
);
const sources = textOf('**/*.ts') + textOf('assets/*.js');

const styled = new Set([...sheets.matchAll(/\.([a-z][\w-]*)/g)].map(([, name = '']) => name));
/** Classes of every attribute `class="…"`, except computed ones. */
const written = new Set(
  [...sources.matchAll(/\bclass="([^"]*)"/g)].flatMap(([, text = '']) =>
    text
      .replaceAll(/\$\{[^}]*\}/g, ' ')
      .split(/\s+/)
      .filter(Boolean),
  ),
);

/** Texts in quotes, which may be computed classes: kinds of documents, and arguments of a renderer. */
const computed = new Set(
  [...(sources + textOf('../../core/documents/**/*.ts')).matchAll(/'([a-z][\w -]*)'/g)].flatMap(([, text = '']) =>
    text.split(' '),
  ),
);

/** Classes that scripts and tests query. */
const unstyled = new Set(['chart', 'query', 'event', 'sustained', 'dot']);

test('every class of a style sheet is written by a renderer or script', () => {
  expect([...styled].filter((name) => !written.has(name) && !computed.has(name))).toEqual([]);
});

test('every class that is written has a style, or is a known mark', () => {
  expect([...written].filter((name) => !styled.has(name) && !unstyled.has(name))).toEqual([]);
});

test('every custom property of a style sheet is used, and every one used exists', () => {
  const named = (pattern: RegExp, text: string) => new Set([...text.matchAll(pattern)].map(([, name = '']) => name));
  const defined = named(/^\s*(--[\w-]+):/gm, sheets);
  const used = named(/var\((--[\w-]+)/g, sheets);
  expect([...used].filter((name) => !defined.has(name))).toEqual([]);
  expect([...defined].filter((name) => !used.has(name) && !sources.includes(name.replace(/^--|\d$/g, '')))).toEqual([]);
});
