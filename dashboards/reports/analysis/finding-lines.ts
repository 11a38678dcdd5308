// Renders findings, worst first: those that change a decision, or all of them with details.

import type { Finding } from '../../../core/documents/analysis.ts';
import { reportWidth, type Paint, type Style } from '../../../core/text/paint.ts';
import { wrap } from '../../../core/text/table.ts';

const severityStyle = { critical: 'red', warning: 'yellow', info: 'cyan' } as const satisfies Record<
  Finding['severity'],
  Style
>;

const labelWidth = 9;

const worstFirst = (all: readonly Finding[]) => {
  const order = Object.keys(severityStyle);
  return all.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
};

const changesDecision = ({ severity }: Finding) => severity !== 'info';

/** All findings, in full. */
export function allFindingLines(all: readonly Finding[], paint: Paint): string[] {
  if (all.length === 0) return [];
  return ['Findings', ...worstFirst(all).flatMap((finding) => findingLines(finding, finding.message, paint))];
}

/** Findings that change a decision, without their lists; the rest is counted. */
export function decisiveFindingLines(all: readonly Finding[], paint: Paint): string[] {
  const shown = worstFirst(all).filter(changesDecision);
  const notes = all.length - shown.length;
  const hasDetails = shown.some(({ message }) => message.includes('\n'));
  const lines = shown.flatMap((finding) => findingLines(finding, openingOf(finding.message), paint));
  const left = [
    ...(notes > 0 ? [counted(notes, 'note')] : []),
    ...(hasDetails ? ['details of the findings'] : []),
  ].join(' and ');
  return [
    ...(lines.length > 0 ? ['Findings', ...lines] : []),
    ...(left === '' ? [] : [`${left}; --verbose prints them`]),
  ];
}

/** First sentences of the worst findings. */
export function worstFindingLines(all: readonly Finding[], most: number, paint: Paint): string[] {
  const shown = worstFirst(all).filter(changesDecision).slice(0, most);
  const rest = all.length - shown.length;
  return [
    ...(shown.length > 0 ? ['Findings'] : []),
    ...shown.flatMap((finding) => findingLines(finding, firstSentenceOf(finding.message), paint)),
    ...(rest > 0 ? [`${counted(rest, shown.length > 0 ? 'more finding' : 'note')}; --verbose prints them`] : []),
  ];
}

function findingLines({ severity, code }: Finding, message: string, paint: Paint): string[] {
  const label = severity.padEnd(labelWidth);
  const [opening = '', ...items] = `${message} [${code}]`.split('\n');
  const [first = '', ...more] = wrap(`${label}${opening}`, reportWidth, labelWidth);
  const listed = items
    .flatMap((item) => wrap(item, reportWidth - labelWidth, 2))
    .map((line) => ' '.repeat(labelWidth) + line);
  return [paint(severityStyle[severity], label) + first.slice(labelWidth), ...more, ...listed];
}

/** Removes the last sentence of a message that introduces a list, which is meaningless without the list. */
function openingOf(message: string): string {
  const [opening = '', ...items] = message.split('\n');
  if (items.length === 0) return opening;
  const sentences = sentencesOf(opening);
  return sentences.length > 1 && opening.endsWith(':') ? sentences.slice(0, -1).join(' ') : opening;
}

const firstSentenceOf = (message: string) => sentencesOf(openingOf(message))[0] ?? message;

const sentencesOf = (text: string) => text.split(/(?<=[a-z0-9)%][.?!]) (?=[A-Z])/);

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
