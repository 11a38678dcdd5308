// Renders docs/evidence/reliability.md from the recorded parts of the full matrix.

import { renderFaults } from '../fault-rows.ts';
import { parsePart } from './division.ts';
import { newestOf, type PartRecord, type RecordedFile } from './part-record.ts';

/** @param parts of one division, begun or complete @param files all current test files */
export function renderReliability(parts: readonly PartRecord[], files: readonly string[]): string {
  const all = parts.flatMap((part) => part.records);
  const records = newestOf(all);
  const recorded = new Set(records.map(({ file }) => file));
  const missing = files.filter((file) => !recorded.has(file));
  const count = parts[0] === undefined ? 0 : parsePart(parts[0].part).of;
  return [
    '# Reliability',
    '',
    'Results of the full matrix: versions, modes, faults, and the large number of generated inputs.',
    `Recorded so far: ${files.length - missing.length} of ${files.length} test files, in ${parts.length} of ${count} parts.`,
    `Made by \`npm run test:full\`; not edited by hand. Records of each test file, with the errors: [reliability/](../../evidence/reliability/).`,
    '',
    ...table(['part', 'started', 'commit', 'machine', 'assigned', ...sumTitles], 4, [
      ...parts.map((part) => [
        part.part,
        minuteOf(part.at),
        commitsOf(part),
        part.machine,
        String(part.files.length),
        ...sumsOf(newestOf(part.records)),
      ]),
      ['all', '', '', '', '', ...sumsOf(records)],
    ]),
    '',
    ...table(['project', ...sumTitles], 1, byProject(records)),
    '',
    ...list('Test files without a record, by folder', byFolder(missing)),
    '## Failures',
    '',
    ...failureLines(records),
    '',
    ...repairedLines(all),
    ...list('Skipped', skipLines(records)),
    renderFaults(records),
  ].join('\n');
}

const sumTitles = ['files', 'minutes', 'passed', 'failed', 'skipped'];

function sumsOf(records: readonly RecordedFile[]): string[] {
  const sum = (of: (record: RecordedFile) => number) => records.reduce((total, record) => total + of(record), 0);
  return [
    records.length,
    Math.round(sum(({ seconds }) => seconds) / 60),
    sum(({ passed }) => passed),
    sum(({ failures }) => failures.length),
    sum(({ skips }) => skips.length),
  ].map(String);
}

const byProject = (records: readonly RecordedFile[]) =>
  [...Map.groupBy(records, ({ project }) => project)]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([project, each]) => [project, ...sumsOf(each)]);

/** @returns lines such as `test/unit: 12` */
const byFolder = (files: readonly string[]) =>
  [...Map.groupBy(files, (file) => file.split('/', 2).join('/'))].map(([folder, each]) => `${folder}: ${each.length}`);

/** Formats one line: the records contain the commits. */
function repairedLines(all: readonly RecordedFile[]): string[] {
  const repaired = newestOf(all)
    .filter(({ failures }) => failures.length === 0)
    .flatMap(({ file }) => {
      const before = all.filter((each) => each.file === file).flatMap(({ failures }) => failures);
      return before.length === 0 ? [] : `${file} (${new Set(before.map(({ test }) => test)).size})`;
    });
  return repaired.length === 0
    ? []
    : [`Failed at first, and passed when run again, with the number of tests: ${repaired.join(', ')}.`, ''];
}

const commitsOf = ({ records }: PartRecord) => [...new Set(records.map(({ commit }) => commit))].join(', ');
const minuteOf = (at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`;

/** Formats one line per file; the records contain every title and error. */
function failureLines(records: readonly RecordedFile[]): string[] {
  const lines = records.flatMap(({ file, failures }) =>
    failures[0] === undefined ? [] : [[file, code(failures[0].test), String(failures.length)]],
  );
  return lines.length === 0 ? ['None.'] : table(['file', 'first failed test', 'failed'], 2, lines);
}

const skipLines = (records: readonly RecordedFile[]) =>
  records.flatMap(({ file, skips }) => skips.map(({ test, reason }) => `${code(`${file} > ${test}`)}: ${reason}`));

/** Test titles and messages are quoted, not prose. */
const code = (text: string) => `\`${text.replaceAll('`', "'")}\``;

const list = (title: string, lines: readonly string[]) =>
  lines.length === 0 ? [] : [`${title}:`, '', ...lines.map((line) => `- ${line}`), ''];

function table(titles: readonly string[], words: number, rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map((_, column) => (column < words ? '---' : '---:'))), ...rows.map(line)];
}
