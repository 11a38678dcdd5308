// Generates docs/reference/errors.md and its data from the table of faults.

import { exitCodes, faults } from '../core/errors.ts';
import { formatJson } from './format-json.ts';

const meanings = {
  answered:
    'answered: `confirmed`, `predicted`, `observed`, or `at-least` with a known cause of the limit (unknown cause: 3)',
  unexpected: 'a defect of Plimsoll',
  usage: 'usage or bad input',
  unknown: 'the answer is unknown',
  invalidRun: 'the run is invalid, or a file is damaged or of a newer version',
  prerequisite: 'something needed is missing or refused',
  threshold: 'a threshold was crossed, or a change stopped before its end',
  aborted: 'interrupted',
} satisfies Record<keyof typeof exitCodes, string>;

export function renderErrorsPage(): string {
  const codes = Map.groupBy(Object.entries(faults), ([, { exitCode }]) => exitCode);
  const exits = Object.entries(exitCodes).map(([name, exitCode]) => {
    const own = (codes.get(exitCode) ?? []).map(([code]) => `\`${code}\``);
    const meaning = `- ${exitCode}: ${meanings[name as keyof typeof meanings]}`;
    return own.length === 0 ? meaning : `${meaning}: ${own.join(', ')}`;
  });
  return [
    '# Errors',
    '',
    'Generated from `core/errors.ts` by `npm run update-golden`; do not edit.',
    '',
    'A command that fails prints `error:` with what failed and where, and `hint:` with what to do. With `--json` standard',
    'output is `{ "schemaVersion": 1, "error": { "code", "message", "hint" } }`. `code` is stable; message and hint are for people.',
    '[errors.json](data/errors.json) has the default hint of each code.',
    '',
    '## Exit codes',
    '',
    ...exits,
    '',
  ].join('\n');
}

/** Renders docs/reference/data/errors.json: each code with its exit code and default hint. */
export const renderErrorsDocument = (): Promise<string> =>
  formatJson({
    schemaVersion: 1,
    errors: Object.entries(faults).map(([code, fault]) => ({ code, ...fault })),
  });
