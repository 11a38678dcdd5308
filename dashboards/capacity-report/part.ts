// What is a part of the report made of? Text, lists and tables in one language: what Markdown, a page and a spreadsheet all can show.

import type { CapacityReport } from '../../core/capacity-report.ts';
import type { Numbers } from '../web/numbers.ts';
import type { Strings } from '../web/strings.ts';
import type { Words } from './words.ts';

export type Tone = 'good' | 'warning' | 'bad';

export interface Table {
  kind: 'table';
  title?: string;
  columns: readonly { title: string; isNumber?: boolean }[];
  rows: readonly (readonly string[])[];
  /** Of each row: how good it is. */
  tones?: readonly Tone[];
}

/** Of each row: the peak as a span, and the rate that is safe as a mark. */
export interface Bars {
  kind: 'bars';
  title: string;
  rows: readonly { name: string; low: number; mid: number; high: number; mark?: number; label: string }[];
}

export type Block = { kind: 'text'; text: string } | { kind: 'list'; items: readonly string[] } | Table | Bars;

export interface Part {
  id: string;
  title: string;
  blocks: readonly Block[];
}

export interface Language {
  words: Words;
  strings: Strings;
  numbers: Numbers;
}

export type WritePart = (report: CapacityReport, language: Language) => readonly Block[];

export const textBlock = (text: string): Block => ({ kind: 'text', text });
export const none = ({ words }: Language): readonly Block[] => [textBlock(words.nothing)];
