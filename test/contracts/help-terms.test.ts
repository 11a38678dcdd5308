// Compares the terms of the help pages with the glossary.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { termAnchor, terms } from '../../dashboards/web/help/terms.ts';

const glossary = readFileSync(new URL('../../docs/reference/glossary.md', import.meta.url), 'utf8');
/** Terms without links, which point to other documents. */
const explained = new Map(
  [...glossary.matchAll(/^- \*\*(.+?)\*\*: (.*)$/gm)].map(([, name = '', text = '']) => [
    name,
    text.replaceAll(/\s*\(\[.*?\]\(.*?\)\)/g, ''),
  ]),
);

test('the help pages explain each term with the text of the glossary', () => {
  expect(terms.map(({ name, texts }) => [name, texts.en.text])).toEqual(
    terms.map(({ name }) => [name, explained.get(name)]),
  );
});

test('each term has a unique anchor on the help page', () => {
  expect(new Set(terms.map(({ name }) => termAnchor(name))).size).toBe(terms.length);
});
