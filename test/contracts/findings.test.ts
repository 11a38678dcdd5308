// Checks that every finding is documented, has text in both languages and evidence under stable names, and uses plain words.

import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { findingCodes, findingExamples, findingMessage, findingTable } from '../../core/documents/findings/findings.ts';
import { constraints } from '../../core/resource.ts';
import { bannedIn } from '../support/banned-phrases.ts';

const examples = findingCodes.flatMap((code) =>
  (['en', 'zh'] as const).flatMap((language) =>
    findingExamples(code).map((finding, index) => ({
      code,
      language,
      index,
      finding,
      message: findingMessage(finding, language),
    })),
  ),
);
const Documented = z.object({
  findings: z.array(z.object({ code: z.string(), severities: z.array(z.string()), evidence: z.array(z.string()) })),
});
const texts = [
  ...examples.map(({ code, message }) => ({ of: code, text: message })),
  ...examples.flatMap(({ code, finding: { evidence } }) =>
    evidence.flatMap(({ name, source }) => [
      { of: code, text: name },
      { of: code, text: source },
    ]),
  ),
  ...Object.entries(constraints).flatMap(([constraint, { name, check }]) =>
    [name.en, check.en].map((text) => ({ of: constraint, text })),
  ),
];

test('texts use standard terms instead of banned phrases', () => {
  const found = texts.flatMap(({ of, text }) => bannedIn(text).map((phrase) => `${of}: "${text}" (${phrase})`));
  expect(found).toEqual([]);
});

test.each(findingCodes)('%s is documented with its severity and evidence', async (code) => {
  const read = (path: string) => readFile(new URL(`../../docs/${path}`, import.meta.url), 'utf8');
  const row =
    (await read('reference/findings.md')).split('\n').find((line) => line.startsWith(`- \`${code}\` (`)) ?? '';
  const { findings } = Documented.parse(JSON.parse(await read('reference/data/findings.json')));
  const found = findings.find((finding) => finding.code === code);
  for (const { severity, evidence } of findingExamples(code)) {
    expect(row).toMatch(new RegExp(`^- \`${code}\` \\((\\w+ or )*${severity}\\b`));
    expect(found?.severities).toContain(severity);
    for (const { name } of evidence) expect(found?.evidence).toContain(name);
  }
});

describe.each(examples)('$code, example $index, $language', ({ language, message, finding }) => {
  const { evidence } = finding;

  test('has a text without undefined values or broken punctuation', () => {
    expect(message).not.toMatch(/undefined|NaN|Infinity|null|\[object|  | ,|\s$|\.\.|。。/);
    expect(message).toMatch(language === 'en' ? /^[A-Z`\w].*\.$/s : /。$/);
  });

  test('is written in its language', () => {
    if (language === 'en') expect(message).not.toMatch(/\p{Script=Han}/u);
    else expect(message.match(/\p{Script=Han}/gu)?.length ?? 0).toBeGreaterThan(5);
  });

  test('has evidence with unit and source', () => {
    for (const { unit, source } of evidence) expect([unit, source]).not.toContain('');
  });
});

test.each(findingCodes)('the examples of %s have each piece of its evidence', (code) => {
  const { evidence } = findingTable[code];
  if (evidence === undefined || typeof evidence === 'function') return;
  const made = new Set(findingExamples(code).flatMap((finding) => finding.evidence.map(({ name }) => name)));
  expect([...made].sort()).toEqual(Object.keys(evidence).sort());
});

test('code in analyzer/ passes facts of findings, and only the table has severities and texts', async () => {
  const sources = await sourcesOf('analyzer');
  const inline = sources.filter(({ text }) =>
    /severity: [^;]*?['(`]/.test(text.replaceAll(/severity: '\w+'( \| '\w+')+;/g, '')),
  );
  expect(inline.map(({ path }) => path)).toEqual([]);
});

test('the product produces every code of the table', async () => {
  const sources = (await Promise.all(['analyzer', 'app', 'cli', 'ops', 'gc', 'service'].map(sourcesOf))).flat();
  const all = sources.map(({ text }) => text).join('\n');
  const templates = [...all.matchAll(/findingOf\(\s*`([^`]*)`/g)].map(
    ([, template = '']) => new RegExp(`^${template.replaceAll(/\$\{[^}]*\}/g, '.+')}$`),
  );
  const unmade = findingCodes.filter(
    (code) => !all.includes(`'${code}'`) && !templates.some((template) => template.test(code)),
  );
  expect(unmade).toEqual([]);
});

async function sourcesOf(folder: string): Promise<{ path: string; text: string }[]> {
  const root = new URL('../../', import.meta.url);
  const names = await readdir(new URL(`${folder}/`, root), { recursive: true });
  const paths = names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`);
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(new URL(path, root), 'utf8') })));
}
