// Reads the comparison of features: which tool has which feature, and the source of each answer.

import { readFile } from 'node:fs/promises';
import { relative } from 'node:path/posix';
import { z } from 'zod';
import { parseCsv } from './evidence-table.ts';

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

export type PeerTool = z.infer<typeof PeerTool>;
export type PeerFeature = z.infer<typeof PeerFeature>;

/** @returns the tools in the order of the columns, and a row per feature and tool in the order of the page */
export async function readPeerFeatures(): Promise<{ tools: PeerTool[]; features: PeerFeature[] }> {
  const [tools, features] = await Promise.all([readRows('tools.csv'), readRows('features.csv')]);
  return { tools: z.array(PeerTool).parse(tools), features: z.array(PeerFeature).parse(features) };
}

async function readRows(name: string): Promise<Record<string, string>[]> {
  const [header = [], ...rows] = parseCsv(await readFile(new URL(name, folder), 'utf8'));
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
