// Lists the GC log dialects and detects the dialect of a line.

import type { OpenDialect } from './parser.ts';
import { openLegacy } from './legacy/legacy.ts';
import { looksLegacy } from './legacy/line-shapes.ts';
import { looksUnified } from './unified/looks-unified.ts';
import { openUnified } from './unified/unified.ts';

export const dialects = {
  unified: { looksAlike: looksUnified, open: openUnified },
  legacy: { looksAlike: looksLegacy, open: openLegacy },
} satisfies Record<string, { looksAlike(line: string): boolean; open: OpenDialect }>;

export type DialectName = keyof typeof dialects;

export const dialectNames = Object.keys(dialects) as DialectName[];

export const dialectOf = (line: string): DialectName | undefined =>
  dialectNames.find((name) => dialects[name].looksAlike(line));
