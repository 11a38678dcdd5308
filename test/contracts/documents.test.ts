// Checks that links, anchors, commands and file names in the pages of the repository exist.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { commandsIn as registered } from '../../cli/command-list.ts';
import { commands } from '../../cli/registry.ts';
import { contentsOf } from '../../site/contents.ts';
import { slugOf } from '../../site/slug.ts';
import { commandsIn, commandsSpokenOf, shellBlocksOf } from '../support/documented-blocks.ts';
import { queriesOn } from '../support/page-queries.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const pages = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md'], { cwd: repository })
  .filter((path) => !path.endsWith('0000-template.md'))
  .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }));

const Listed = z.object({
  commands: z.array(
    z.object({ name: z.string(), usage: z.string(), options: z.array(z.object({ name: z.string() })) }),
  ),
});
const reference = join(repository, 'docs/reference');
const { commands: listed } = Listed.parse(JSON.parse(readFileSync(join(reference, 'data/commands.json'), 'utf8')));
/** Options by command. The generated page is used, because loading the commands takes seconds. */
const known = new Map(listed.map(({ name, options }) => [name, options.map((option) => option.name)]));

test('the data file of commands has each option of each command', async () => {
  const declared = await Promise.all(
    registered(commands).map(async ({ name, load }) => [name, Object.keys((await load()).options)] as const),
  );
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(declared));
}, 120_000);

test('the command page has a line for each command, with its options or a group of them', () => {
  const page = readFileSync(join(reference, 'cli.md'), 'utf8');
  const optionsIn = (text: string) => [...text.matchAll(/`--([\w.-]+)[^`]*`/g)].map(([, option = '']) => option);
  const [head = ''] = page.split('\n## ', 1);
  const groups = [...head.matchAll(/^- \*(\w+)\*: (.*)$/gm)].map(([, name = '', line = '']) => ({
    name,
    options: optionsIn(line),
  }));
  const usual = optionsIn(head.replaceAll(/^- .*$/gm, ''));
  const missing = listed.flatMap(({ usage, options }) => {
    const line = page.split('\n').find((each) => each.startsWith(`- \`${usage.replace('plimsoll ', '')}\`: `)) ?? '';
    const named = groups.flatMap((group) => (line.includes(`*${group.name}*`) ? group.options : []));
    const found = new Set([...usual, ...named, ...optionsIn(line)]);
    return options.filter(({ name }) => !found.has(name)).map(({ name }) => `${usage} --${name}`);
  });
  expect(missing).toEqual([]);
});

test.each(pages.map((page) => [page.path, page] as const))(
  'every link of %s leads to an existing file',
  (_, { path, text }) => {
    const targets = [...text.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(repository, dirname(path), target)))).toEqual([]);
  },
);

test('pages of docs/ link to no page outside docs/, which the site does not contain', () => {
  const leading = pages.flatMap(({ path, text }) => {
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+\.md)[^)]*\)/g)].map(([, target = '']) => target);
    return path.startsWith('docs/') ? targets.map((target) => [path, join(dirname(path), target)]) : [];
  });
  expect(leading.length).toBeGreaterThan(100);
  expect(leading.filter(([, target]) => !target?.startsWith('docs/'))).toEqual([]);
});

/** @returns anchors of a page; a repeated heading gets a number, from 1 */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const text = page.replaceAll(/^```.*?^```$/gms, '');
  for (const [, heading = ''] of text.matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again++) anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}

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

test.each(current.map((page) => [page.path, page] as const))('every command and option in %s exists', (_, { text }) => {
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

test('the contents of the site list every page of docs/ exactly once', () => {
  const listed = contentsOf(join(repository, 'docs')).flatMap(({ pages: of }) => of);
  expect(listed.length).toBe(new Set(listed).size);
  const there = pages.map(({ path }) => path).filter((path) => path.startsWith('docs/') && path !== 'docs/index.md');
  expect(listed.map((page) => `docs/${page}.md`).toSorted()).toEqual(there.toSorted());
});

test('documented sums of Plimsoll metrics do not double when two instances report them', () => {
  const texts = [...pages.map(({ text }) => text), readFileSync(join(reference, 'data/commands.json'), 'utf8')];
  const doubled = /sum\((?:clamp_min\()?(?:rate|increase|deriv)\((?:kafka|rocketmq|plimsoll)_\w+/g;
  expect(texts.flatMap((text) => text.match(doubled) ?? [])).toEqual([]);
});

test('documented joins of brokers and hosts match one series when two instances report them', async () => {
  const isMerged = /(?:max without \(instance\)|(?:avg|max) by \(host\)) \((?:rate\()?$/;
  const queries = await queriesOn('explanation/hosts.md');
  expect(queries.length).toBeGreaterThan(5);
  for (const { comment, query } of queries) {
    const metrics = [...query.matchAll(/\b(?:plimsoll|node|jvm)_\w+/g)];
    const unmerged = metrics.filter(({ index }) => !isMerged.test(query.slice(0, index)));
    expect(
      unmerged.map(([metric]) => metric),
      comment,
    ).toEqual([]);
  }
});

test.each(
  pages
    .filter(({ path }) => /^(CONTRIBUTING|docs\/(architecture|how-to))/.test(path))
    .map((page) => [page.path, page] as const),
)('every file that %s names exists', (_, { text }) => {
  const named = [...text.matchAll(/`([a-z][\w.-]*\/[\w./-]+\.(?:ts|mjs|yaml|md))`/g)].map(([, file = '']) => file);
  expect(named.filter((file) => !existsSync(join(repository, file)))).toEqual([]);
});
