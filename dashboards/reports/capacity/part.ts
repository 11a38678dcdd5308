// Defines the parts of a report, which Markdown, HTML and spreadsheets can show: text, lists, tables and charts.

import type { CapacityReport } from '../../../core/documents/capacity-report.ts';
import { fileDoubtFindings } from '../../../core/documents/findings/file-doubt-findings.ts';
import { nodeText } from '../../../core/text/quantity-text.ts';
import { nodesText } from '../../../core/text/scope-text.ts';
import { createNumbers, type Numbers } from '../../web/numbers.ts';
import { languages as webLanguages, type Strings } from '../../web/view.ts';
import { reviewLanguages, type ReviewTexts } from './review/texts.ts';
import { sheetLanguages, type SheetTexts } from './sheets/texts.ts';
import { languages, type ReportLanguage, type Texts } from './texts.ts';

export type Tone = 'good' | 'warning' | 'bad';

interface Column {
  title: string;
  isNumber?: boolean;
  /** To be filled in manually. */
  isBlank?: boolean;
}

/** A figure with a link to its source in the report. */
interface LinkedCell {
  text: string;
  to: string;
}
export type Cell = string | LinkedCell;

export interface Table {
  kind: 'table';
  title?: string;
  /** Link target: the table, or one of its rows. */
  anchor?: string;
  anchors?: readonly string[];
  columns: readonly Column[];
  rows: readonly (readonly Cell[])[];
  /** Rating of each row. */
  tones?: readonly Tone[];
}

/** For each row: the peak as a span in the colour of its decision, and the lowest safe rate as a mark. */
export interface Bars {
  kind: 'bars';
  title: string;
  /** Legend of the drawing; formats without pictures omit it. */
  legend: string;
  rows: readonly { name: string; low: number; mid: number; high: number; mark?: number; label: string; tone: Tone }[];
}

/** Points of one curve, and the safe rate as a line across it. */
export interface Curve {
  kind: 'curve';
  title: string;
  xTitle: string;
  /** Title of the logarithmic axis. */
  yTitle: string;
  yText: (y: number) => string;
  points: readonly { x: number; y: number; isGood: boolean; label: string }[];
  mark?: { x: number; label: string };
}

export type Block = { kind: 'text'; text: string } | { kind: 'list'; items: readonly string[] } | Table | Bars | Curve;

export interface Part {
  id: string;
  title: string;
  blocks: readonly Block[];
}

export interface Language {
  name: ReportLanguage;
  texts: Texts;
  sheetTexts: SheetTexts;
  reviewTexts: ReviewTexts;
  strings: Strings;
  numbers: Numbers;
}

export const languageOf = (name: ReportLanguage): Language => ({
  name,
  texts: languages[name],
  sheetTexts: sheetLanguages[name],
  reviewTexts: reviewLanguages[name],
  strings: webLanguages[name],
  numbers: createNumbers(name),
});

export type WritePart = (report: CapacityReport, language: Language) => readonly Block[];

export const cellText = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);
const linked = (text: string, to: string): Cell => (text === '' ? text : { text, to });

/** Encodes ids that contain names from files: letters and digits stay, other characters become their code points. */
const slug = (id: string) =>
  id.replaceAll(/[^a-zA-Z0-9]/gu, (character) => `_${character.codePointAt(0)?.toString(16)}_`);
export const sourceAnchor = (id: string): string => `source-${slug(id)}`;
export const chainAnchor = (source: string): string => `chain-${slug(source)}`;
export const fromSource = (id: string) => (text: string) => linked(text, sourceAnchor(id));
export const fromChain = (source: string) => (text: string) => linked(text, chainAnchor(source));

/** @returns the scope of a measurement; undefined for the whole cluster */
export function scopeText(
  { broker, without }: CapacityReport['evidence'][number],
  { texts, strings, name }: Language,
): string | undefined {
  if (broker !== undefined) return strings.onlyBroker(nodeText(broker, name));
  return without && texts.withoutBrokers(nodesText(without, name));
}

/** @returns the domain of a measurement, with the scope of its figures */
export function scopedDomain(evidence: CapacityReport['evidence'][number], language: Language): string {
  const scope = scopeText(evidence, language);
  return scope === undefined ? evidence.domain : language.texts.scoped(evidence.domain, scope);
}

/** Distinct reasons why a measurement is less certain. */
export const flagsText = ({ sources }: CapacityReport['evidence'][number], { name }: Language): string =>
  [...new Set(sources.flatMap(({ flags }) => flags))]
    .map((flag) => fileDoubtFindings[flag].caveat[name])
    .join(name === 'zh' ? '' : ' ');

/** Ids of sources begin with their kind in English; in a Chinese report, they and all texts that name them begin with it in Chinese. */
export function withSourceNames(report: CapacityReport, { name, sheetTexts }: Language): CapacityReport {
  if (name !== 'zh') return report;
  const named = report.sources.filter(({ id, kind }) => id.startsWith(`${kind} `));
  const inChinese = (text: string) =>
    named.reduce((all, { id, kind }) => all.replaceAll(id, () => sheetTexts.kinds[kind] + id.slice(kind.length)), text);
  // A file may have the name of a source.
  return JSON.parse(JSON.stringify(report), (key, value: unknown) =>
    typeof value === 'string' && key !== 'name' ? inChinese(value) : value,
  ) as CapacityReport;
}

export const textBlock = (text: string): Block => ({ kind: 'text', text });

/** A title alone defines a text column. */
export type ColumnOf<Row> = readonly [string | Column, (row: Row) => Cell];

interface TableLook<Row> extends Pick<Table, 'title' | 'anchor'> {
  anchorOf?: (row: Row) => string;
  toneOf?: (row: Row) => Tone;
}

export const tableBlock = <Row>(
  rows: readonly Row[],
  columns: readonly ColumnOf<Row>[],
  { anchorOf, toneOf, ...look }: TableLook<Row> = {},
): Table => ({
  kind: 'table',
  ...look,
  columns: columns.map(([column]) => (typeof column === 'string' ? { title: column } : column)),
  rows: rows.map((row) => columns.map(([, cell]) => cell(row))),
  ...(anchorOf && { anchors: rows.map(anchorOf) }),
  ...(toneOf && { tones: rows.map(toneOf) }),
});

/** Empty without rows. */
export const tableOf = <Row>(
  rows: readonly Row[],
  columns: readonly ColumnOf<Row>[],
  look?: TableLook<Row>,
): Block[] => (rows.length === 0 ? [] : [tableBlock(rows, columns, look)]);

export const numeric = (title: string): Column => ({ title, isNumber: true });
export const toFillIn = (title: string): Column => ({ title, isBlank: true });

/** Empty without items. */
export const titledList = (title: string, items: readonly string[]): Block[] =>
  items.length === 0 ? [] : [textBlock(title), { kind: 'list', items }];

export const none = ({ texts }: Language): readonly Block[] => [textBlock(texts.nothing)];
