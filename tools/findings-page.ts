// Renders docs/findings.md from the table of findings.

import type { FindingLanguage } from '../core/documents/findings/finding-entry.ts';
import { findingCodes, findingExamples, findingTable, type FindingCode } from '../core/documents/findings/findings.ts';

export function renderFindingsPage(): string {
  return [
    '# Findings',
    '',
    'Generated from `core/documents/findings/` by `npm run update-golden`; do not edit by hand.',
    '',
    'A finding has a stable `code`, a severity, a message and evidence. Each example shows the message for one set of facts.',
    '',
    ...findingCodes.flatMap((code) => {
      const { severity, meaning, evidence } = findingTable[code];
      return [
        `## ${code}`,
        '',
        `${meaning.en} ${meaning.zh}`,
        '',
        `- Severity: ${severity}`,
        `- Evidence: ${Object.keys(evidence)
          .map((name) => `\`${name}\``)
          .join(', ')}`,
        `- Example: ${exampleOf(code, 'en')}`,
        `- 示例：${exampleOf(code, 'zh')}`,
        '',
      ];
    }),
  ].join('\n');
}

/** A `<` would begin an HTML tag. */
const exampleOf = (code: FindingCode, language: FindingLanguage) =>
  findingExamples(code, language)[0]?.message.replaceAll('<', '&lt;');
