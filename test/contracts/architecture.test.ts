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

test.each(Object.entries(mayImport))('%s/ imports only from allowed folders', (folder, allowed) => {
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

test.each(Object.entries(loadgenAbove))(
  'loadgen/%s imports nothing from the parts that build on it',
  (folder, above) => {
    const strays = product
      .filter(inFolder(`loadgen/${folder}`))
      .flatMap(importsOf)
      .filter(({ to }) => above.test(to));
    expect(strays).toEqual([]);
  },
);

test('product files have no import cycle', () => expect(circleIn(product)).toEqual([]));

test('only permitted folders import cluster administration, raw clients and traffic clients', () => {
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

test('broker client libraries are imported only inside brokers/', () => {
  const strays = product
    .flatMap(importsOf)
    .filter(
      ({ from, to }) =>
        (to.startsWith('package/kafkajs') && topOf(from) !== 'brokers') ||
        (to.startsWith('package/@platformatic/kafka') && from !== 'brokers/kafka/library.ts'),
    );
  expect(strays).toEqual([]);
});

test('no code starts a shell', () => {
  const strays = everything
    .flatMap(importsOf)
    .filter(({ to, names }) => to === 'node/child_process' && /\bexec(Sync)?\b/.test(names));
  expect(strays).toEqual([]);
  expect(everything.filter(({ text }) => /\bshell: true\b/.test(withoutTests(text))).map(({ path }) => path)).toEqual(
    [],
  );
});

test('code outside brokers/ checks traits of a broker kind instead of comparing its name', () => {
  const name = `'(?:${brokerKinds.join('|')})'`;
  const comparison = new RegExp(`[!=]==? ${name}|${name} [!=]==? |\\bcase ${name}|${name} \\| ${name}`);
  const strays = product.filter(({ path, text }) => topOf(path) !== 'brokers' && comparison.test(text));
  expect(strays.map(({ path }) => path)).toEqual([]);
});

test('truth tests import no analyzer, search or criteria code, which they judge', () => {
  const judged = (path: string) => /^(analyzer|loadgen\/(search|criteria))\//.test(path);
  expect(reachableFrom(tests.filter(inFolder('test/truth'))).filter(judged)).toEqual([]);
});

test('integration and end-to-end tests import no fakes', () => {
  const files = tests.filter(({ path }) => /^test\/(integration|e2e)\//.test(path));
  expect(reachableFrom(files).filter((path) => /(^|[/-])fake/.test(path))).toEqual([]);
});

test('product files import no tests, benches or tools', () => {
  const strays = product.flatMap(importsOf).filter(({ to }) => ['test', 'bench', 'tools'].includes(topOf(to)));
  expect(strays).toEqual([]);
});

test('file names are in kebab-case and none is generic', () => {
  const banned = /^(utils?|helpers?|manager|common|misc|types|index)(\.test)?\.ts$/;
  const strays = everything
    .map(({ path }) => path)
    .filter((path) => {
      const name = basename(path);
      return banned.test(name) || !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|d))?\.ts$/.test(name);
    });
  expect(strays).toEqual([]);
});

test('every product, bench and tool file begins with a comment that states its purpose', () => {
  const isStatement = (text: string) => /^(?:\/\/ .*[^?\n]\n)*\/\/ .*\.\n/.test(text);
  const strays = [...product, ...around].filter(({ text }) => !isStatement(text)).map(({ path }) => path);
  expect(strays).toEqual([]);
});

test('no file begins with a question', () => {
  expect(everything.filter(({ text }) => /^\/\/ [^\n]*\?(?:\s|$)/.test(text)).map(({ path }) => path)).toEqual([]);
});

test('no product file exceeds 400 lines', () => {
  expect(product.filter(({ text }) => text.split('\n').length > 400).map(({ path }) => path)).toEqual([]);
});

test('no file suppresses a check or contains a to-do comment', () => {
  const silenced = /@ts-(?:ignore|nocheck|expect-error)|(?:ox|es)lint-disable|\bTO[D]O\b|\bFIX[M]E\b/;
  expect(everything.filter(({ text }) => silenced.test(text)).map(({ path }) => path)).toEqual([]);
});

test('each pattern of files that `npm test` omits matches a file', () => {
  expect(inDepth.filter((pattern) => globSync(pattern, { cwd: repository }).length === 0)).toEqual([]);
});

test('no file refers to folders outside the repository', async () => {
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
