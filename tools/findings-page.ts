// Renders docs/findings.md from the table of findings.

import type { FindingLanguage } from '../core/documents/findings/finding-entry.ts';
import {
  findingCodes,
  findingExamples,
  findingMessage,
  type FindingCode,
} from '../core/documents/findings/findings.ts';

export function renderFindingsPage(): string {
  return [
    '# Findings',
    '',
    'Generated from `core/documents/findings/` by `npm run update-golden`; do not edit by hand.',
    '',
    'A finding has a stable `code`, a severity, a message and evidence. Below each code: its severity, the names of its evidence, and an',
    'example of the message in English and Chinese.',
    '',
    ...findingCodes.flatMap((code) => {
      const made = findingExamples(code);
      const evidence = new Set(made.flatMap((finding) => finding.evidence.map(({ name }) => `\`${name}\``)));
      return [
        `## \`${code}\``,
        '',
        [[...new Set(made.map(({ severity }) => severity))].join(' or '), ...evidence].join(', '),
        '',
        exampleOf(code, 'en'),
        '',
        exampleOf(code, 'zh'),
        '',
      ];
    }),
  ].join('\n');
}

/** A `<` would begin an HTML tag. */
function exampleOf(code: FindingCode, language: FindingLanguage): string {
  const [first] = findingExamples(code);
  return first === undefined ? '' : findingMessage(first, language).replaceAll('<', '&lt;').replaceAll('\n', ' ');
}
