// Checks imports between folders, file names and the uses of restricted functions.

import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { inDepth } from '../../vitest.config.ts';
import { brokerKinds } from '../../core/cluster.ts';
import { productFiles, productFolders, sourceFiles } from '../support/source-files.ts';

/** docs/architecture.md, "Who may import whom". A separate copy from the linter's, so that the two check each other. */
const mayImport: Record<(typeof productFolders)[number], readonly string[]> = {
  core: [],
  brokers: ['core'],
  gc: ['core'],
  hosts: ['gc', 'core'],
  exporter: ['brokers', 'hosts', 'gc', 'core'],
  loadgen: ['brokers', 'core'],
  analyzer: ['core'],
  dashboards: ['core'],
  ops: ['brokers', 'hosts', 'analyzer', 'core'],
  lab: ['brokers', 'core'],
  app: productFolders.filter((folder) => folder !== 'cli' && folder !== 'service'),
  service: productFolders.filter((folder) => folder !== 'cli'),
  cli: productFolders,
};

interface Import {
  from: string;
  to: string;
  names: string;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));
const product = await read(productFiles());
const tests = await read(sourceFiles(['test']));
const around = await read(sourceFiles(['bench', 'tools']));
const everything = [...product, ...tests, ...around];
const topOf = (path: string) => path.split('/')[0] ?? '';
const inFolder = (folder: string) => (file: { path: string }) => file.path.startsWith(`${folder}/`);

test.each(Object.entries(mayImport))('%s/ imports only whom it may', (folder, allowed) => {
  const strays = product
    .filter(inFolder(folder))
    .flatMap(importsOf)
    .filter(({ to }) => ![folder, ...allowed, 'node', 'package'].includes(topOf(to)));
  expect(strays).toEqual([]);
});

/** Planning, execution and recording of runs: only the execution imports both others, and only remote workers import the execution. */
const loadgenAbove: Record<string, RegExp> = {
  delivery: /^loadgen\/(?!delivery\/)/,
  plan: /^loadgen\/(execute|guard|record|remote)\//,
  record: /^loadgen\/(execute|guard|remote)\//,
  search: /^loadgen\/(execute|guard|remote)\//,
  guard: /^loadgen\/(execute|remote)\//,
  execute: /^loadgen\/remote\//,
};

test.each(Object.entries(loadgenAbove))('loadgen/%s imports nothing that builds on it', (folder, above) => {
  const strays = product
    .filter(inFolder(`loadgen/${folder}`))
    .flatMap(importsOf)
    .filter(({ to }) => above.test(to));
  expect(strays).toEqual([]);
});

test('no file imports itself in a circle', () => expect(circleIn(product)).toEqual([]));

test('only those who change clusters hold the right to: the exporter but for its canary reads, plans but for that of a drill send nothing, and the analyzer never speaks to a broker', () => {
  const strays = product
    .flatMap(importsOf)
    .filter(({ to }) => to === 'brokers/driver.ts')
    .filter(
      ({ from, names }) =>
        (/\bClusterAdmin\b/.test(names) && !/^(brokers|ops|lab|app|cli|loadgen)\//.test(from)) ||
        (/\b(Traffic(Driver|Producer|Consumer)|Echo)\b/.test(names) &&
          !/^(brokers|loadgen|app|cli|exporter\/canary|ops\/rocketmq\/drill)\//.test(from)),
    );
  expect(strays).toEqual([]);
});

test('each broker client library stays inside brokers/', () => {
  const strays = product
    .flatMap(importsOf)
    .filter(
      ({ from, to }) =>
        (to.startsWith('package/kafkajs') && topOf(from) !== 'brokers') ||
        (to.startsWith('package/@platformatic/kafka') && from !== 'brokers/kafka/library.ts'),
    );
  expect(strays).toEqual([]);
});

test('no shell is ever started', () => {
  const strays = everything
    .flatMap(importsOf)
    .filter(({ to, names }) => to === 'node/child_process' && /\bexec(Sync)?\b/.test(names));
  expect(strays).toEqual([]);
  expect(everything.filter(({ text }) => /\bshell: true\b/.test(withoutTests(text))).map(({ path }) => path)).toEqual(
    [],
  );
});

test('code asks for traits of a broker kind, and never compares its name', () => {
  const name = `'(?:${brokerKinds.join('|')})'`;
  const comparison = new RegExp(`[!=]==? ${name}|${name} [!=]==? |\\bcase ${name}|${name} \\| ${name}`);
  const strays = product.filter(({ path, text }) => topOf(path) !== 'brokers' && comparison.test(text));
  expect(strays.map(({ path }) => path)).toEqual([]);
});

test('the truth is measured without the code it judges', () => {
  const judged = (path: string) => /^(analyzer|loadgen\/(search|criteria))\//.test(path);
  expect(reachableFrom(tests.filter(inFolder('test/truth'))).filter(judged)).toEqual([]);
});

test('integration and end-to-end tests use no fake', () => {
  const files = tests.filter(({ path }) => /^test\/(integration|e2e)\//.test(path));
  expect(reachableFrom(files).filter((path) => /(^|[/-])fake/.test(path))).toEqual([]);
});

test('nothing that ships imports tests, benches or tools', () => {
  const strays = product.flatMap(importsOf).filter(({ to }) => ['test', 'bench', 'tools'].includes(topOf(to)));
  expect(strays).toEqual([]);
});

test('files are named in kebab-case for the thing they hold', () => {
  const banned = /^(utils?|helpers?|manager|common|misc|types|index)(\.test)?\.ts$/;
  const strays = everything
    .map(({ path }) => path)
    .filter((path) => {
      const name = basename(path);
      return banned.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?\.ts$/.test(name);
    });
  expect(strays).toEqual([]);
});

test('every file that ships opens with a statement of what it does', () => {
  const isStatement = (text: string) => /^(?:\/\/ .*[^?\n]\n)*\/\/ .*\.\n/.test(text);
  const strays = [...product, ...around].filter(({ text }) => !isStatement(text)).map(({ path }) => path);
  expect(strays).toEqual([]);
});

test('no file opens with a question', () => {
  expect(everything.filter(({ text }) => /^\/\/ [^\n]*\?(?:\s|$)/.test(text)).map(({ path }) => path)).toEqual([]);
});

test('no file that ships passes 400 lines', () => {
  expect(product.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path)).toEqual([]);
});

test('a rule is kept, never silenced, and nothing is left for later', () => {
  const silenced = /@ts-(?:ignore|nocheck|expect-error)|(?:ox|es)lint-disable|\bTO[D]O\b|\bFIX[M]E\b/;
  expect(everything.filter(({ text }) => silenced.test(text)).map(({ path }) => path)).toEqual([]);
});

test('each file that `npm test` leaves out is there', () => {
  expect(inDepth.filter((pattern) => globSync(pattern, { cwd: repository }).length === 0)).toEqual([]);
});

test('nothing outside the repository is named', async () => {
  const written = globSync(['*.{md,json,ts,mjs}', '{docs,examples,alerts,analyzer,dashboards,.ci}/**/*'], {
    cwd: repository,
    withFileTypes: true,
  }).filter((entry) => entry.isFile());
  const elsewhere = /[.][.]\/shared\b|(^|[\s"'`(=])\/(?:work|tmp\/team)\//m;
  const strays = [];
  for (const { parentPath, name } of written) {
    if (elsewhere.test(await readFile(join(parentPath, name), 'utf8'))) strays.push(join(parentPath, name));
  }
  strays.push(...everything.filter(({ text }) => elsewhere.test(text)).map(({ path }) => path));
  expect(strays).toEqual([]);
});

async function read(files: readonly { path: string; url: URL }[]) {
  return Promise.all(files.map(async ({ path, url }) => ({ path, text: await readFile(url, 'utf8') })));
}

/** Converts relative imports to repository paths, and others to `node/…` or `package/…`. */
function importsOf({ path, text }: { path: string; text: string }): Import[] {
  const statement =
    /^(?:import|export)\s(?<names>[^;'"]*?\bfrom\s*)?['"](?<to>[^'"]+)['"]|\bimport\(\s*['"](?<lazy>[^'"]+)['"]/gm;
  return [...text.matchAll(statement)].map(({ groups = {} }) => {
    const target = groups['to'] ?? groups['lazy'] ?? '';
    return { from: path, to: resolve(path, target), names: groups['names'] ?? '' };
  });
}

function resolve(from: string, target: string): string {
  if (target.startsWith('.')) return posix.join(dirname(from), target);
  return target.startsWith('node:') ? target.replace(':', '/') : `package/${target}`;
}

function reachableFrom(files: readonly { path: string; text: string }[]): string[] {
  const texts = new Map(everything.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const visit = (path: string) => {
    if (seen.has(path)) return;
    seen.add(path);
    const file = texts.get(path);
    if (file !== undefined) for (const { to } of importsOf(file)) visit(to);
  };
  for (const file of files) visit(file.path);
  return [...seen];
}

/** @returns the first import cycle, without type-only imports, which are removed before the program runs */
function circleIn(files: readonly { path: string; text: string }[]): string[] {
  const next = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ names }) => !names.startsWith('type '))
        .map(({ to }) => to),
    ]),
  );
  const done = new Set<string>();
  const walk = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const to of next.get(path) ?? []) {
      const circle = walk(to, [...trail, path]);
      if (circle.length > 0) return circle;
    }
    done.add(path);
    return [];
  };
  for (const { path } of files) {
    const circle = walk(path, []);
    if (circle.length > 0) return circle;
  }
  return [];
}

function withoutTests(text: string): string {
  return text.includes("from 'vitest'") ? '' : text;
}
