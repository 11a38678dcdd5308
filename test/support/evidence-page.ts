// Updates a page of measurements: tables show the latest result, and every run is appended to a file under evidence/.

import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { ifPresent, replaceFile } from '../../core/files.ts';

export interface Attempt {
  /** Command line as typed, such as `npm run bench -- link --nic 50mbit`. */
  command: string;
  commit: string;
  at: Date;
  /** Figures on one line, or the reason of a failure. */
  outcome: string;
}

/** Last section of a page: the latest run of each bench, and the path of all runs. */
const runsHeading = '## Runs';

/** @param tables everything above the runs, as Markdown that begins with the page's title */
export function withTables(page: string, tables: string): string {
  return joined(tables, runsOf(page));
}

/**
 * Replaces only the section with this heading; appends a new one at the end.
 * @param body Markdown without headings of that level
 */
export function withSection(page: string, heading: string, body: string): string {
  const parts = aboveRuns(page)
    .split(/\n(?=## )/)
    .map((part) => part.trim());
  const section = `## ${heading}\n\n${body.trim()}`;
  const place = parts.findIndex((part) => part === `## ${heading}` || part.startsWith(`## ${heading}\n`));
  const sections = place === -1 ? [...parts, section] : parts.with(place, section);
  return withTables(page, sections.filter((part) => part !== '').join('\n\n'));
}

/**
 * Replaces the last section.
 * @param attempts all runs of the page, oldest first
 * @param data path of their file, relative to the page
 */
export function withRuns(page: string, attempts: readonly Attempt[], data: string): string {
  const latest = new Map<string, Attempt>();
  for (const attempt of attempts) {
    const [, bench] = /^npm run bench -- (\S+(?: --part \S+)?)/.exec(attempt.command) ?? [];
    if (bench === undefined || attempt.outcome.startsWith('failed ')) continue;
    // A run of all parts replaces runs of single ones.
    for (const part of latest.keys()) if (part.startsWith(`${bench} --part `)) latest.delete(part);
    latest.set(bench, attempt);
  }
  const lines = [...latest.values()].map(
    ({ command, commit, at, outcome }) =>
      `- \`${command}\`, ${at.toISOString().slice(0, 10)}, ${commit.replace(' with uncommitted changes', '+')}: ${goalsOf(outcome)}`,
  );
  const all = `[${basename(dirname(data))}/${basename(data)}](${data})`;
  const shown =
    lines.length === 0
      ? `All runs: ${all}.`
      : `The last run of each bench that ended (+: with uncommitted changes); all runs with their figures: ${all}.\n\n${lines.join('\n')}`;
  return joined(aboveRuns(page), `${runsHeading}\n\n${shown}\n`);
}

/** @returns how many goals were met and the figures that missed theirs; all figures if none was judged */
function goalsOf(outcome: string): string {
  const figures = outcome.split(/; (?![^(]*\))/);
  const judged = figures.filter((figure) => /\(goal .*: (yes|no)\)$/.test(figure));
  if (judged.length === 0) return `${figures.length} figures, no goals`;
  const missed = judged.filter((figure) => figure.endsWith(': no)'));
  const met = `${judged.length - missed.length} of ${judged.length} goals met`;
  return [met, ...missed.map(shortened)].join('; ');
}

const shortened = (figure: string) =>
  figure
    .replaceAll(/ \((?!goal )[^()]*\)/g, '')
    .replaceAll(/\d+\.\d+/g, (number) => String(Number(Number(number).toPrecision(4))));

/** Replacement for everything above the runs, or for the section of one heading. */
type Tables = { tables?: string } | { section: { heading: string; body: string } };

/** Appends the run to its data file, and replaces the tables if new ones are given. Writes the page atomically. */
export async function updateEvidencePage(path: string, change: Tables & { attempt: Attempt }): Promise<void> {
  const before = await readOrEmpty(path);
  const data = runsFileOf(path);
  await mkdir(dirname(data), { recursive: true });
  await appendFile(data, `${JSON.stringify(onOneLine(change.attempt))}\n`);
  const runs = parseRuns(await readFile(data, 'utf8'));
  await writePage(path, withRuns(withChange(before, change), runs, relative(dirname(path), data)));
}

export const writePage = (path: string, page: string): Promise<void> =>
  replaceFile(path, (file) => file.writeFile(page), { mode: 0o644 });

/** @param path such as docs/evidence/truth.md @returns the file of its runs, such as evidence/truth/runs.ndjson */
const runsFileOf = (path: string) => join(dirname(path), '../../evidence', basename(path, '.md'), 'runs.ndjson');

/** Lines without a time are notes that a person wrote. */
export function parseRuns(lines: string): Attempt[] {
  return lines
    .split('\n')
    .filter((line) => line.startsWith('{"at":'))
    .map((line) => {
      const attempt = JSON.parse(line) as Omit<Attempt, 'at'> & { at: string };
      return { ...attempt, at: new Date(attempt.at) };
    });
}

/** Removes paths of bundles, which only exist on one machine. */
const onOneLine = ({ at, command, commit, outcome }: Attempt) => ({
  at: at.toISOString(),
  command: command.replace(/ --keep[ =]\S+/, '').replace(/ --again[ =]\S+/, ' --again DIR'),
  commit,
  outcome: outcome.replaceAll(/\s+/g, ' ').trim(),
});

export const readOrEmpty = async (path: string): Promise<string> => (await ifPresent(readFile(path, 'utf8'))) ?? '';

function withChange(page: string, change: Tables): string {
  if ('section' in change) return withSection(page, change.section.heading, change.section.body);
  return change.tables === undefined ? page : withTables(page, change.tables);
}

/** Files that measurements write but do not depend on: their changes do not count as a modified work tree. */
const written = ['evidence', '*.md', 'docs/images'];

/** @returns the short hash of the commit, marked if other files of the work tree differ from it */
export async function readCommit(): Promise<string> {
  const git = promisify(execFile);
  try {
    const { stdout: hash } = await git('git', ['rev-parse', '--short=10', 'HEAD']);
    const { stdout: changes } = await git('git', [
      'status',
      '--porcelain',
      '--untracked-files=no',
      '--',
      '.',
      ...written.map((path) => `:(exclude)${path}`),
    ]);
    return changes === '' ? hash.trim() : `${hash.trim()} with uncommitted changes`;
  } catch {
    return 'an unknown commit';
  }
}

const placeOfRuns = (page: string) => `\n${page}`.lastIndexOf(`\n${runsHeading}\n`);
const runsOf = (page: string) => (placeOfRuns(page) === -1 ? '' : page.slice(placeOfRuns(page)));
const aboveRuns = (page: string) => (placeOfRuns(page) === -1 ? page : page.slice(0, placeOfRuns(page)));
const joined = (above: string, below: string) =>
  `${[above.trim(), below.trim()].filter((part) => part !== '').join('\n\n')}\n`;
