// Checks that pages use the terms of docs/reference/glossary.md: no banned phrase, and each term to use instead is defined.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bannedIn, bannedPhrases, proseOf } from '../support/banned-phrases.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');

const pages = globSync(['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: repository });

test.each(pages)('%s has no banned phrase', (path) => expect(bannedIn(proseOf(read(path)))).toEqual([]));

test('help texts of options have no banned phrase', () => {
  const help: string[] = [];
  JSON.parse(read('docs/reference/data/commands.json'), (key, value: unknown) => {
    if (key === 'help') help.push(String(value));
    return value;
  });
  expect(help.length).toBeGreaterThan(500);
  expect(help.flatMap(bannedIn)).toEqual([]);
});

test('no page contains conflict markers of a merge', () => {
  const all = [...pages, 'CHANGELOG.md'];
  expect(all.filter((path) => /^(?:<{7}|>{7}) /m.test(read(path)))).toEqual([]);
});

test('the glossary defines each term that replaces a phrase', () => {
  const rows = read('docs/reference/glossary.md').matchAll(/^- \*\*([^*]+)\*\*: /gm);
  const terms = new Set([...rows].flatMap(([, names = '']) => names.split(', ')));
  const needed = new Set(bannedPhrases.flatMap(({ instead }) => instead));
  expect([...needed].filter((term) => !terms.has(term))).toEqual([]);
});

const folders = 'brokers,service,dashboards,gc,tools,core,app,cli,analyzer,loadgen,ops,exporter,hosts,alerts,lab';
const modules = globSync(`{${folders}}/**/*.ts`, { cwd: repository });
const bannedInNames = new Set(['asked', 'told', 'heard', 'tells', 'says', 'standing', 'standings']);
const partsOf = (name: string) => name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).map((part) => part.toLowerCase());
const bannedParts = (names: readonly string[]) =>
  names.filter((name) => partsOf(name).some((part) => bannedInNames.has(part)));
/** Declarations, and properties and parameters with a type or a value. */
const declaration = /\b(?:const|let|function\*?|class|interface|type) ([\w$]+)|^ *(?:readonly )?#?([\w$]+)\??: /gm;
const declaredIn = (code: string) =>
  [...code.matchAll(declaration)].map(([, declared, property]) => declared ?? property ?? '');

/** Names in stored documents and API responses, which are versioned. */
const inDocuments = [
  'verdict-findings.ts: standing',
  'name-servers/facts.ts: toldAt',
  'resources/cluster.ts: standing',
  'recorded-operation.ts: says',
  'planned-steps.ts: says',
  'print-change.ts: says',
];
const isInDocument = (name: string) => inDocuments.some((each) => name.includes(each));

test('module names contain no banned word', () =>
  expect(bannedParts(modules).filter((path) => !isInDocument(path))).toEqual([]));

test('declared names contain no banned word', () => {
  const found = modules.flatMap((path) => bannedParts(declaredIn(read(path))).map((name) => `${path}: ${name}`));
  const isExempt = (name: string) => isInDocument(name) || name.startsWith('analyzer/verdict/');
  expect(found.filter((each) => !isExempt(each))).toEqual([]);
});

/** Terms that are also names in code, or plain English. */
const namesInCode =
  /promises|ledgers|lanes|worlds|levers|carried|preflight|binds|robots|full at|of its own|debt|believed|lonely|driven|\\d %/;
const bannedInCode = bannedPhrases.filter(({ phrase }) => !namesInCode.test(phrase.source));

test('comments and messages in code have no banned phrase', () => {
  const found = modules
    .filter((path) => !path.startsWith('analyzer/verdict/'))
    .flatMap((path) =>
      bannedInCode.flatMap(({ phrase }) => phrase.exec(read(path))?.[0] ?? []).map((each) => `${path}: ${each}`),
    );
  expect(found).toEqual([]);
});

/** A docstring of a field or a function names its subject first. */
const fragments = /^ *\/\*\* (?:Of|Those|That) .*/gm;

test('docstrings begin with their subject or a verb', () => {
  const found = modules.flatMap((path) => [...read(path).matchAll(fragments)].map(([line]) => `${path}: ${line}`));
  expect(found).toEqual([]);
});

test('banned words are found in variables, properties and functions', () => {
  const code =
    'const askedAt = 1;\ninterface Row {\n  readonly told?: string;\n}\nfunction lastHeard() {}\nconst masked = 2;\n';
  expect(bannedParts(declaredIn(code))).toEqual(['askedAt', 'told', 'lastHeard']);
});

test('code, commands and link targets do not count as prose', () => {
  const page = 'See [history](history.md) and `plimsoll ledger`.\n\n```\nit is told\n```\n';
  expect(bannedIn(proseOf(page))).toEqual([]);
  expect(bannedIn('Nobody said what binds at 80 %.')).toEqual(['what binds', 'Nobody said', '0 %']);
});
