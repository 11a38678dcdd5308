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

test('a renderer or script writes every class of the style sheets', () => {
  expect([...styled].filter((name) => !written.has(name) && !computed.has(name))).toEqual([]);
});

test('every written class has a style, or is a known hook of scripts and tests', () => {
  expect([...written].filter((name) => !styled.has(name) && !unstyled.has(name))).toEqual([]);
});

test('style sheets use every custom property that they define, and define every one that they use', () => {
  const named = (pattern: RegExp, text: string) => new Set([...text.matchAll(pattern)].map(([, name = '']) => name));
  const defined = named(/^\s*(--[\w-]+):/gm, sheets);
  const used = named(/var\((--[\w-]+)/g, sheets);
  expect([...used].filter((name) => !defined.has(name))).toEqual([]);
  expect([...defined].filter((name) => !used.has(name) && !sources.includes(name.replace(/^--|\d$/g, '')))).toEqual([]);
});
