// Renders docs/reference/findings.md from the table of findings.

import {
  findingCodes,
  findingExamples,
  findingMessage,
  type FindingCode,
} from '../core/documents/findings/findings.ts';
import { formatJson } from './format-json.ts';

export function renderFindingsPage(): string {
  return [
    '# Findings',
    '',
    'Generated from `core/documents/findings/` by `npm run update-golden`; do not edit by hand.',
    '',
    'A finding has a stable `code`, a severity, a message and evidence. Each line has the code, its severity, and how an example of the message',
    'begins. The whole message also states the reason and what to do; `--verbose` and `--json` print it.',
    '[findings.json](data/findings.json) has an example of each in full, in English and Chinese, with the names of its evidence.',
    '',
    ...findingCodes.toSorted().map(row),
    '',
  ].join('\n');
}

const row = (code: FindingCode) => `- \`${code}\` (${severitiesOf(code).join(' or ')}): ${beginningOf(code)}`;

const severitiesOf = (code: FindingCode) => [...new Set(findingExamples(code).map(({ severity }) => severity))];

/** Renders docs/reference/data/findings.json: each finding with its severities, the names of its evidence and an example of its message. */
export function renderFindingsDocument(): Promise<string> {
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
  return formatJson({ schemaVersion: 1, findings });
}

/** Word limit: from a longer sentence only the finding is kept, without the reason. */
const mostWords = 18;

/** Returns the first sentence. A `<` would begin an HTML tag. */
function beginningOf(code: FindingCode): string {
  const [example] = findingExamples(code);
  if (example === undefined) return '';
  const [first = ''] = findingMessage(example, 'en').split(/(?<=\.) (?=[A-Z`])/);
  const clause = first.split(' ').length > mostWords ? /^(?:[^ ]+ ){7,}?[^ ]+?(?=[:;] )/.exec(first)?.[0] : undefined;
  return (clause === undefined ? first : `${clause}.`).replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
}
