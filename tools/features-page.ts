// Generates docs/reference/features.md from evidence/peers: a table of features and tools, each answer with its source.

import { readFile } from 'node:fs/promises';
import { relative } from 'node:path/posix';
import { z } from 'zod';
import { csvCells } from '../core/text/csv-cells.ts';

const folder = new URL('../evidence/peers/', import.meta.url);

const PeerTool = z.strictObject({
  tool: z.string().min(1),
  /** Owner and name on GitHub; empty for this repository. */
  repository: z.string().regex(/^([\w.-]+\/[\w.-]+)?$/),
  commit: z.string().regex(/^([0-9a-f]{40})?$/),
  version: z.string().min(1),
  /** Date of the commit. */
  date: z.union([z.literal(''), z.iso.date()]),
  'where no': z.string().min(1),
  /** Sources that list everything the tool can do: a feature missing there is a "no". */
  inventory: z.string().min(1).transform(pathsOf),
});

const PeerFeature = z
  .strictObject({
    group: z.string().min(1),
    feature: z.string().min(1),
    tool: z.string().min(1),
    /** A dash means that it does not apply, such as a feature of Kafka in a tool for RocketMQ. */
    answer: z.enum(['yes', 'partly', 'no', '-']),
    /** Text in the cell of the table; required for "partly". */
    what: z.string(),
    /** Text below the table. */
    note: z.string(),
    /** Paths in the tool's repository, or addresses. A path that ends with a slash is a folder. */
    source: z.string().transform(pathsOf),
  })
  .refine(({ answer, what }) => answer !== 'partly' || what !== '', 'partly needs what the tool has')
  .refine(({ answer, source }) => (answer === '-') === (source.length === 0), 'an answer needs a source');

type PeerTool = z.infer<typeof PeerTool>;
type PeerFeature = z.infer<typeof PeerFeature>;

/** @returns the tools in the order of the columns, and a row per feature and tool in the order of the page */
export async function readPeerFeatures(): Promise<{ tools: PeerTool[]; features: PeerFeature[] }> {
  const [tools, features] = await Promise.all([readRows('tools.csv'), readRows('features.csv')]);
  return { tools: z.array(PeerTool).parse(tools), features: z.array(PeerFeature).parse(features) };
}

async function readRows(name: string): Promise<Record<string, string>[]> {
  const lines = (await readFile(new URL(name, folder), 'utf8')).trimEnd().split('\n');
  const [header = [], ...rows] = lines.map((line) => csvCells(line, ','));
  return rows.map((cells) => Object.fromEntries(header.map((column, place) => [column, cells[place] ?? ''])));
}

function pathsOf(text: string): string[] {
  return text.split('; ').filter((path) => path !== '');
}

/** @returns the address of a source; for Plimsoll a link from a page in docs/reference/ */
export function addressOf(source: string, { repository, commit }: PeerTool): string {
  if (source.startsWith('https://')) return source;
  if (repository === '') return relative('docs/reference', source);
  const view = source.endsWith('/') ? 'tree' : 'blob';
  return `https://github.com/${repository}/${view}/${commit}/${encodeURI(source.replace(/\/$/, ''))}`;
}

export async function renderFeaturesPage(): Promise<string> {
  const { tools, features } = await readPeerFeatures();
  const groups = Map.groupBy(features, ({ group }) => group);
  return [
    '# Features of seven tools',
    'Generated from `evidence/peers/` by `npm run update-golden`; do not edit.',
    'Read in the sources or the documentation of each tool, to which each answer links; none of the others was run for this page. A “no” without a link: the lists in the last column below have nothing of the kind. A dash: the feature does not apply. Notes are about Plimsoll. The [comparison](../explanation/comparison.md) has figures.',
    [...groups.keys()].map((group) => `[${group}](#${anchorOf(group)})`).join(' · '),
    table([['tool', 'version', 'commit', 'lists behind a “no”'], ...tools.map(toolRow)]),
    ...[...groups].flatMap(([group, rows]) => sectionOf(group, rows, tools)),
    'All cells, with notes on the other tools and further sources: [features.csv](../../evidence/peers/features.csv), [tools.csv](../../evidence/peers/tools.csv).',
  ]
    .join('\n\n')
    .concat('\n');
}

function toolRow(tool: PeerTool): string[] {
  const { tool: name, repository, commit, version, date, inventory } = tool;
  const [first = '', ...others] = inventory.map((path) => addressOf(path, tool));
  const lists = [`[${tool['where no']}](${first})`, ...others.map((address, place) => `[${place + 2}](${address})`)];
  return [
    repository === '' ? name : `[${name}](https://github.com/${repository})`,
    version,
    commit === '' ? '' : `${commit.slice(0, 7)}, ${date}`,
    lists.join(', '),
  ];
}

function sectionOf(group: string, rows: readonly PeerFeature[], tools: readonly PeerTool[]): string[] {
  const notes: string[] = [];
  const without = tools.filter((tool) => rows.every((cell) => cell.tool !== tool.tool || isPlainNo(cell, tool)));
  const shown = tools.filter((tool) => !without.includes(tool));
  const lines = [...Map.groupBy(rows, ({ feature }) => feature)].map(([feature, cells]) => [
    feature,
    ...shown.map((tool) => {
      const cell = cells.find((each) => each.tool === tool.tool);
      if (cell === undefined) throw new Error(`evidence/peers/features.csv: no answer of ${tool.tool} for ${feature}`);
      if (cell.note === '' || tool.repository !== '') return answerOf(cell, tool);
      const number = superscript(notes.length + 1);
      notes.push(`${number} ${cell.note}.`);
      return `${answerOf(cell, tool)} ${number}`;
    }),
  ]);
  const header = ['feature', ...shown.map(({ tool }) => tool)];
  return [
    `## ${group}`,
    table([header, ...lines]),
    ...(without.length === 0 ? [] : [`None of these: ${without.map(({ tool }) => tool).join(', ')}.`]),
    ...(notes.length === 0 ? [] : [notes.join(' ')]),
  ];
}

/** True if the tool's lists do not contain the feature, or the feature does not apply to the tool. */
const isPlainNo = (cell: PeerFeature, tool: PeerTool) =>
  cell.note === '' && (cell.answer === '-' || isUnlisted(cell, tool));

function answerOf(cell: PeerFeature, tool: PeerTool): string {
  const { answer, what, source } = cell;
  const [first] = source;
  if (answer === '-' || first === undefined) return '–';
  const linked = isUnlisted(cell, tool) ? answer : `[${answer}](${addressOf(first, tool)})`;
  return what === '' ? linked : `${linked}: ${what}`;
}

/** True if the answer is based on the lists at the top, which do not contain the feature. */
const isUnlisted = ({ answer, source }: PeerFeature, { inventory }: PeerTool) =>
  answer === 'no' && source.join() === inventory.join();
const superscript = (number: number) => String(number).replaceAll(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '');
const anchorOf = (heading: string) => heading.toLowerCase().replaceAll(' ', '-');

function table([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
