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
    'A finding has a stable `code`, a severity, a message and evidence. Each line has the code, its severity, the names of its evidence, and',
    'how an example of the message begins, in English and Chinese. The whole message also states the reason and what to do; `--verbose` and',
    '`--json` print it.',
    '',
    ...findingCodes.toSorted().map(row),
    '',
  ].join('\n');
}

function row(code: FindingCode): string {
  const made = findingExamples(code);
  const severities = [...new Set(made.map(({ severity }) => severity))].join(' or ');
  const evidence = [...new Set(made.flatMap((finding) => finding.evidence.map(({ name }) => `\`${name}\``)))].join(
    ', ',
  );
  const about = evidence === '' ? severities : `${severities}; ${evidence}`;
  const [english, chinese] = [beginningOf(code, 'en'), beginningOf(code, 'zh')];
  const isQuoted = chinese.replace('。', '.') === english;
  return `- \`${code}\` (${about}): ${english}${isQuoted ? '' : ` ${chinese}`}`;
}

/** The first sentence. A `<` would begin an HTML tag. */
function beginningOf(code: FindingCode, language: FindingLanguage): string {
  const [example] = findingExamples(code);
  if (example === undefined) return '';
  const [first = ''] = findingMessage(example, language).split(/(?<=\.) (?=[A-Z`])|(?<=。)/);
  return first.replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
}
