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
    'A finding has a stable `code`, a severity, a message and evidence. Each line has the code, its severity, and how an example of the message',
    'begins, in English and Chinese. The whole message also states the reason and what to do; `--verbose` and `--json` print it.',
    '[findings.json](reference/data/findings.json) has an example of each in full, with the names of its evidence.',
    '',
    ...findingCodes.toSorted().map(row),
    '',
  ].join('\n');
}

function row(code: FindingCode): string {
  const [english, chinese] = [beginningOf(code, 'en'), beginningOf(code, 'zh')];
  const isQuoted = chinese.replace('。', '.') === english;
  return `- \`${code}\` (${severitiesOf(code).join(' or ')}): ${english}${isQuoted ? '' : ` ${chinese}`}`;
}

const severitiesOf = (code: FindingCode) => [...new Set(findingExamples(code).map(({ severity }) => severity))];

/** Renders docs/reference/data/findings.json: each finding with its severities, the names of its evidence and an example of its message. */
export function renderFindingsDocument(): string {
  const findings = findingCodes.toSorted().map((code) => {
    const made = findingExamples(code);
    const [example] = made;
    return {
      code,
      severities: severitiesOf(code),
      evidence: [...new Set(made.flatMap((finding) => finding.evidence.map(({ name }) => name)))],
      message: example === undefined ? '' : findingMessage(example, 'en'),
      messageZh: example === undefined ? '' : findingMessage(example, 'zh'),
    };
  });
  return `${JSON.stringify({ schemaVersion: 1, findings }, undefined, 2)}\n`;
}

/** The first sentence. A `<` would begin an HTML tag. */
function beginningOf(code: FindingCode, language: FindingLanguage): string {
  const [example] = findingExamples(code);
  if (example === undefined) return '';
  const [first = ''] = findingMessage(example, language).split(/(?<=\.) (?=[A-Z`])|(?<=。)/);
  return first.replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
}
