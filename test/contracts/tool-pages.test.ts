// Checks that the pages of upstream tools list all tools, and name existing commands and metrics.

import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { commandsIn } from '../../cli/command-list.ts';
import { commands } from '../../cli/registry.ts';
import { collectors } from '../../exporter/registry.ts';
import { comparedKafkaScripts, comparedMqadmin, type Comparison } from '../support/compared-tools.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const Upstream = z.object({ about: z.string(), versions: z.record(z.string(), z.array(z.string()).min(40)) });
const metrics = new Set(Object.values(collectors).flatMap((collector) => Object.keys(collector.metrics)));

describe.each([
  ['docs/reference/mqadmin.md', 'mqadmin-commands.json'],
  ['docs/reference/kafka-tools.md', 'kafka-commands.json'],
])('%s', (page, fixture) => {
  const { versions } = Upstream.parse(JSON.parse(read(`test/fixtures/peers/${fixture}`)));
  const rows = [...read(page).matchAll(/^- ((?:`[\w.-]+`(?: \([\w.]+\))?(?:, )?)+): (.+)$/gm)].flatMap(
    ([, tools = '', answer = '']) =>
      [...tools.matchAll(/`([\w.-]+)`(?: \(([\w.]+)\))?/g)].map(([, tool = '', known = 'both']) => ({
        tool,
        known,
        answer,
      })),
  );

  test('has exactly one row for every upstream tool, with the versions that include it', () => {
    const told = new Map(rows.map(({ tool, known }) => [tool, known]));
    const expected = new Map<string, string>();
    for (const [version, tools] of Object.entries(versions)) {
      for (const tool of tools) expected.set(tool, expected.has(tool) ? 'both' : version);
    }
    expect(rows.length).toBe(told.size);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
  });

  test('has a command, a metric or the tool itself in every row', () => {
    expect(rows.filter(({ answer }) => !/`plimsoll |`(?:kafka|rocketmq|zookeeper)_|use the tool/.test(answer))).toEqual(
      [],
    );
  });

  test.each(rows)('the row of $tool names existing commands, options and metrics', async ({ answer }) => {
    for (const [, words = ''] of answer.matchAll(/`plimsoll ([^`]+)`/g)) {
      const listed = commandsIn(commands).find(({ name }) => words === name || words.startsWith(`${name} `));
      const command = await listed?.load();
      expect(command, words).toBeDefined();
      const options = [...words.matchAll(/--([a-z-]+)/g)].map(([, option = '']) => option);
      expect(Object.keys(command?.options ?? {}), words).toEqual(expect.arrayContaining(options));
    }
    const named = [...answer.matchAll(/`((?:kafka|rocketmq|zookeeper)_\w+)`/g)].map(([, metric = '']) => metric);
    expect(named.filter((metric) => !metrics.has(metric))).toEqual([]);
  });
});

describe.each([
  ['docs/reference/mqadmin.md', comparedMqadmin, (tool: string) => new RegExp(`[[(]\\s*'${tool}'[,\\]]`)],
  ['docs/reference/kafka-tools.md', comparedKafkaScripts, (tool: string) => new RegExp(`tools\\.run\\(\\s*'${tool}'`)],
] as const)('%s', (page, compared: Readonly<Record<string, Comparison>>, callOf) => {
  const replaced = [...read(page).matchAll(/^- ((?:`[\w.-]+`(?: \([\w.]+\))?(?:, )?)+): (?!use the tool)(.+)$/gm)]
    .filter(([, , answer = '']) => answer.includes('`plimsoll '))
    .flatMap(([, tools = '']) => [...tools.matchAll(/`([\w.-]+)`/g)].map(([, tool = '']) => tool));
  const tests = globSync('test/{integration,conformance,support}/**/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('compared-tools.ts'))
    .map(read)
    .join('\n');
  const isRun = (tool: string) => callOf(tool).test(tests);

  test.each(replaced)('tests compare %s with the command that replaces it, or a reason is given', (tool) => {
    const comparison = compared[tool];
    if (comparison === undefined) return expect(isRun(tool)).toBe(true);
    if ('by' in comparison) expect(comparison.by.filter((each) => !isRun(each))).toEqual([]);
    else expect(comparison.because.length).toBeGreaterThan(20);
  });

  test('every compared tool has a command that replaces it', () => {
    expect(Object.keys(compared).filter((tool) => !replaced.includes(tool))).toEqual([]);
  });
});

test('fewer than 40 tools have neither a replacing command nor a metric', () => {
  const pages = ['docs/reference/mqadmin.md', 'docs/reference/kafka-tools.md'].map(read).join('\n');
  const without = [...pages.matchAll(/^- ((?:`[\w.-]+`(?: \([\w.]+\))?(?:, )?)+): (.+)$/gm)]
    .filter(([, , answer = '']) => !/`plimsoll |`(?:kafka|rocketmq|zookeeper)_/.test(answer))
    .flatMap(([, tools = '']) => [...tools.matchAll(/`([\w.-]+)`/g)].map(([, tool = '']) => tool));
  expect(without.length, without.join(', ')).toBeLessThan(40);
});
