// Generates docs/errors.md from the table of faults.

import { exitCodes, faults } from '../core/errors.ts';

const meanings = {
  answered:
    'answered: confirmed, predicted, observed or at least (3 for at least if the cause of the limit is unknown)',
  unexpected: 'a defect of Plimsoll',
  usage: 'usage or bad input',
  unknown: 'the answer is unknown',
  invalidRun: 'the run is invalid, or a file is damaged or of a newer version',
  prerequisite: 'something needed is missing or refused',
  threshold: 'a threshold was crossed, or a change stopped before its end',
  aborted: 'interrupted',
} satisfies Record<keyof typeof exitCodes, string>;

export function renderErrorsPage(): string {
  const exits = Object.entries(exitCodes).map(
    ([name, code]) => `- ${code}: ${meanings[name as keyof typeof meanings]}`,
  );
  const rows = Object.entries(faults).map(([code, { exitCode, hint }]) => `- \`${code}\` (${exitCode}): ${hint}`);
  return [
    '# Errors',
    '',
    'Generated from `core/errors.ts` by `npm run update-golden`; do not edit.',
    '',
    'A command that fails prints `error:` with what failed and where, and `hint:` with what to do. With `--json` standard',
    'output is `{ "schemaVersion": 1, "error": { "code", "message", "hint" } }`. `code` is stable; message and hint are for people.',
    '',
    '## Exit codes',
    '',
    ...exits,
    '',
    '## Errors',
    '',
    'Each code with its exit code and default hint; an error may print a more precise hint.',
    '',
    ...rows,
    '',
  ].join('\n');
}
