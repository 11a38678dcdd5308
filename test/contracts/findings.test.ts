// Checks that every finding is documented, has text in both languages and evidence under stable names, and uses plain words.

import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { findingCodes, findingExamples, findingTable } from '../../core/documents/findings/findings.ts';
import { constraintTexts } from '../../core/documents/findings/constraint-text.ts';
import { bannedIn } from '../support/banned-phrases.ts';

const examples = findingCodes.flatMap((code) =>
  (['en', 'zh'] as const).flatMap((language) =>
    findingExamples(code, language).map((finding, index) => ({ code, language, index, finding })),
  ),
);
const texts = [
  ...examples.map(({ code, finding: { message } }) => ({ of: code, text: message })),
  ...findingCodes.map((code) => ({ of: code, text: findingTable[code].meaning.en })),
  ...examples.flatMap(({ code, finding: { evidence } }) =>
    evidence.flatMap(({ name, source }) => [
      { of: code, text: name },
      { of: code, text: source },
    ]),
  ),
  ...Object.entries(constraintTexts).flatMap(([constraint, { name, check }]) =>
    [name.en, check.en].map((text) => ({ of: constraint, text })),
  ),
];

test('no text uses a phrase that has a standard term', () => {
  const found = texts.flatMap(({ of, text }) => bannedIn(text).map((phrase) => `${of}: "${text}" (${phrase})`));
  expect(found).toEqual([]);
});

test.each(findingCodes)('%s is documented with its severity and evidence', async (code) => {
  const page = await readFile(new URL('../../docs/findings.md', import.meta.url), 'utf8');
  const section = page.split('\n## ').find((part) => part.startsWith(`${code}\n`));
  expect(section).toContain(`- Severity: ${findingTable[code].severity}`);
  for (const name of Object.keys(findingTable[code].evidence)) expect(section).toContain(`\`${name}\``);
});

describe.each(examples)('$code, example $index, $language', ({ language, finding }) => {
  const { message, evidence } = finding;

  test('is one text without holes', () => {
    expect(message).not.toMatch(/undefined|NaN|Infinity|null|\[object|  | ,|\s$|\.\.|。。/);
    expect(message).toMatch(language === 'en' ? /^[A-Z`\w].*\.$/ : /。$/);
  });

  test('is written in its language', () => {
    if (language === 'en') expect(message).not.toMatch(/\p{Script=Han}/u);
    else expect(message.match(/\p{Script=Han}/gu)?.length ?? 0).toBeGreaterThan(10);
  });

  test('has evidence with unit and source', () => {
    expect(evidence).not.toEqual([]);
    for (const { unit, source } of evidence) expect([unit, source]).not.toContain('');
  });
});

test.each(findingCodes)('each piece of evidence of %s is made by an example', (code) => {
  const made = new Set(findingExamples(code, 'en').flatMap(({ evidence }) => evidence.map(({ name }) => name)));
  expect([...made].sort()).toEqual(Object.keys(findingTable[code].evidence).sort());
});
