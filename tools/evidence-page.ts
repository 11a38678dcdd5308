// How is a page of measurements kept? Its tables are made anew; its list of attempts is only appended to, failures included.

import { execFile } from 'node:child_process';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export interface Attempt {
  /** As typed, such as `npm run bench -- link --nic 50mbit`. */
  command: string;
  commit: string;
  at: Date;
  /** What came out, in one line of figures; a failure says so. */
  outcome: string;
}

const attemptsHeading = '## Attempts';

/** @param tables everything above the attempts, Markdown, beginning with the page's title */
export function withTables(page: string, tables: string): string {
  return `${tables.trim()}\n\n${attemptsOf(page)}`;
}

/** Replaces the section of this heading and no other; a new one goes last. @param body Markdown without headings of its level */
export function withSection(page: string, heading: string, body: string): string {
  const above = page.slice(0, page.length - (hasAttempts(page) ? attemptsOf(page).length : 0)).trim();
  const parts = above.split(/\n(?=## )/).map((part) => part.trim());
  const section = `## ${heading}\n\n${body.trim()}`;
  const place = parts.findIndex((part) => part === `## ${heading}` || part.startsWith(`## ${heading}\n`));
  const sections = place === -1 ? [...parts, section] : parts.with(place, section);
  return withTables(page, sections.filter((part) => part !== '').join('\n\n'));
}

export function withAttempt(page: string, { command, commit, at, outcome }: Attempt): string {
  const line = `- ${at.toISOString()} \`${command}\` at ${commit}: ${outcome.replaceAll(/\s+/g, ' ').trim()}`.trimEnd();
  const above = page.slice(0, page.length - (hasAttempts(page) ? attemptsOf(page).length : 0)).trim();
  const before = attemptsOf(page).trimEnd();
  const gap = /^- .*$/.test(before.split('\n').at(-1) ?? '') ? '\n' : '\n\n';
  return `${above}\n\n${before}${gap}${line}\n`.trimStart();
}

/** What replaces what stood above the attempts: all of it, or the section of one heading. */
type Tables = { tables?: string } | { section: { heading: string; body: string } };

/** Appends the attempt, and replaces the tables where new ones are given. The file is never seen half-written. */
export async function updateEvidencePage(path: string, change: Tables & { attempt: Attempt }): Promise<void> {
  const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const draft = `${path}.draft`;
  await writeFile(draft, withAttempt(withChange(before, change), change.attempt));
  await rename(draft, path);
}

function withChange(page: string, change: Tables): string {
  if ('section' in change) return withSection(page, change.section.heading, change.section.body);
  return change.tables === undefined ? page : withTables(page, change.tables);
}

/** @returns the short hash of the commit, marked when the work tree differs from it */
export async function readCommit(): Promise<string> {
  const git = promisify(execFile);
  try {
    const { stdout: hash } = await git('git', ['rev-parse', '--short=10', 'HEAD']);
    const { stdout: changes } = await git('git', ['status', '--porcelain', '--untracked-files=no']);
    return changes === '' ? hash.trim() : `${hash.trim()} with uncommitted changes`;
  } catch {
    return 'an unknown commit';
  }
}

function hasAttempts(page: string): boolean {
  return page.includes(`${attemptsHeading}\n`);
}

function attemptsOf(page: string): string {
  return hasAttempts(page)
    ? page.slice(page.lastIndexOf(`${attemptsHeading}\n`))
    : `${attemptsHeading}\n\nOldest first; failures stay.\n\n`;
}
