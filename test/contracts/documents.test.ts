// Checks that links, anchors, commands and file names in the pages of the repository exist.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandsIn as registered } from '../../cli/command-list.ts';
import { globalOptions } from '../../cli/help.ts';
import { commands } from '../../cli/registry.ts';
import { contentsOf } from '../../site/contents.ts';
import { anchorsOf } from '../../site/slug.ts';
import { commandsIn, commandsSpokenOf, shellBlocksOf } from '../support/documented-blocks.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: repository })
  .filter((path) => !path.endsWith('0000-template.md'))
  .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }));

const [preamble = '', ...sections] = readFileSync(join(repository, 'docs/reference/cli.md'), 'utf8').split(/^##+ /m);
const optionLines = (text: string) => [...text.matchAll(/^  (?:-\w, )?--([\w.-]+)(.*)$/gm)];
const optionsIn = (text: string) => optionLines(text).map(([, option = '']) => option);
const shared = [preamble, ...sections].find((text) => text.startsWith('Options of several commands')) ?? '';
const groups = new Map(
  [...shared.matchAll(/^(\w+) options\n(.*?)\n\n/gms)].map(([, name = '', lines = '']) => [name, optionsIn(lines)]),
);
/** Options that most commands have, with the commands that do not. */
const common = optionLines(/^Every command\n(.*?)\n\n/ms.exec(shared)?.[1] ?? '').map(([, option = '', text = '']) => ({
  option,
  not: /\(not: ([^)]*)\)$/.exec(text)?.[1]?.split(', ') ?? [],
}));
const groupsNamedIn = (line: string) =>
  [...line.matchAll(/\*(\w+)(?: options)?\*/g)].flatMap(([, group = '']) => groups.get(group) ?? []);
const namedIn = (line: string) => [
  ...[...line.matchAll(/`--([\w.-]+)`/g)].map(([, option = '']) => option),
  ...groupsNamedIn(line),
];

/** Options by command. The page is made from the commands themselves, which take seconds to load. */
const known = new Map(
  sections
    .filter((section) => section.startsWith('plimsoll '))
    .map((section) => {
      const name = section.split('\n', 1)[0]?.slice('plimsoll '.length) ?? '';
      const family = sections.find((each) => each.startsWith(`${name.replace(/ \S+$/, '')} commands\n`)) ?? '';
      const [ofFamily = ''] = /^All: .*$/m.exec(family) ?? [];
      const [also = ''] = /(?<= )Also: .*$/m.exec(section) ?? [];
      const ofMost = common.filter(({ not }) => !not.includes(name)).map(({ option }) => option);
      return [name, [...optionsIn(section), ...namedIn(also), ...namedIn(ofFamily), ...ofMost]];
    }),
);

test('the page of commands names each option of each command', async () => {
  const missing: string[] = [];
  for (const { name, load } of registered(commands)) {
    const { options } = await load();
    const found = known.get(name) ?? [];
    missing.push(
      ...Object.keys(options)
        .filter((option) => !found.includes(option))
        .map((option) => `${name} --${option}`),
    );
    missing.push(
      ...found
        .filter((option) => !(option in options || option in globalOptions))
        .map((option) => `not ${name} --${option}`),
    );
  }
  expect(missing).toEqual([]);
}, 120_000);

test.each(pages.map((page) => [page.path, page] as const))('every link of %s leads somewhere', (_, { path, text }) => {
  const targets = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
  expect(targets.filter((target) => !existsSync(join(repository, dirname(path), target)))).toEqual([]);
});

test.each(pages.map((page) => [page.path, page] as const))(
  'every anchor that %s links to is a heading',
  (_, { path, text }) => {
    const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)/g)];
    const missing = links.filter(([, target = '', anchor = '']) => {
      const file = target === '' ? path : join(dirname(path), target);
      const linked = pages.find((page) => page.path === file);
      return linked !== undefined && !anchorsOf(linked.text).has(anchor);
    });
    expect(missing.map(([link]) => link)).toEqual([]);
  },
);

/** The changelog also names commands that have been renamed. */
const current = pages.filter(({ path }) => path !== 'CHANGELOG.md');

test.each(current.map((page) => [page.path, page] as const))('every command that %s shows is there', (_, { text }) => {
  for (const words of [...shellBlocksOf(text).flatMap(({ script }) => commandsIn(script)), ...commandsSpokenOf(text)]) {
    const asked = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.slice(2).replace(/=.*/s, ''));
    const named = words.filter((word) => !/^-|^…$|^COMMAND$/.test(word));
    const paths = [3, 2, 1].map((length) => named.slice(0, length).join(' '));
    const name = paths.find((path) => known.has(path));
    const isGroup = [...known.keys()].some((path) => path.startsWith(`${named.join(' ')} `));
    const options = new Set([...(known.get(name ?? '') ?? []), 'help', 'log-level', 'version']);
    expect(name !== undefined || isGroup || named.length === 0, `plimsoll ${words.join(' ')}`).toBe(true);
    expect(
      asked.filter((option) => !options.has(option)),
      `plimsoll ${words.join(' ')}`,
    ).toEqual([]);
  }
});

test('every page of docs/ is in the contents of the site, once', () => {
  const listed = contentsOf(join(repository, 'docs')).flatMap(({ pages: of }) => of);
  expect(listed.length).toBe(new Set(listed).size);
  const there = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/') && path !== 'docs/index.md');
  expect(listed.map((page) => `docs/${page}.md`).toSorted()).toEqual(there.toSorted());
});

test.each(
  pages
    .filter(({ path }) => /^(CONTRIBUTING|docs\/(architecture|how-to))/.test(path))
    .map((page) => [page.path, page] as const),
)('every file %s names is there', (_, { text }) => {
  const named = [...text.matchAll(/`([a-z][\w.-]*\/[\w./-]+\.(?:ts|mjs|yaml|md))`/g)].map(([, file = '']) => file);
  expect(named.filter((file) => !existsSync(join(repository, file)))).toEqual([]);
});
