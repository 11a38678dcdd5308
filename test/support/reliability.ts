// What has the full matrix shown? The tables of docs/reliability.md, from the outcomes of `npm run test:full`.

import { renderFaults } from './fault-rows.ts';
import { sum, type FileOutcome } from './tally.ts';

export interface Origin {
  command: string;
  commit: string;
  at: Date;
  machine: string;
}

export function renderReliability(files: readonly FileOutcome[], { command, commit, at, machine }: Origin): string {
  const row = (words: readonly (string | number)[]) => `| ${words.join(' | ')} |`;
  const rows = files
    .toSorted((a, b) => a.project.localeCompare(b.project) || a.file.localeCompare(b.file))
    .map((file) => {
      const { passed, failed, skipped } = sum([file], 0);
      return row([file.project, file.file, passed, failed, skipped]);
    });
  return [
    '# Reliability',
    '',
    'Every test of the full matrix: versions, modes, faults, and the large number of generated inputs.',
    `Made by \`${command}\` at ${commit} on ${at.toISOString()} (${machine}); not edited by hand.`,
    '',
    row(['project', 'file', 'passed', 'failed', 'skipped']),
    row(['---', '---', '---:', '---:', '---:']),
    ...rows,
    '',
    renderFaults(files),
  ].join('\n');
}
