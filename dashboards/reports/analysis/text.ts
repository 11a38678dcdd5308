// Renders an analysis for a person: first the verdict, then steps, resources and findings, within 100 columns.

import type {
  AnalysedResource,
  AnalysedStep,
  Analysis,
  Finding,
  StepVerdict,
} from '../../../core/documents/analysis.ts';
import { type DeliveryAccount, messageFaults } from '../../../core/documents/delivery-account.ts';
import {
  capacityText,
  countText,
  ifKnown,
  percentText,
  quantityText,
  rateNumberText,
} from '../../../core/text/quantity-text.ts';
import { explainLines } from './explain-lines.ts';
import { columnsOf, type Paint, paintWith, reportWidth, type Style, wrap } from '../../../core/text/table.ts';
import type { ReportOptions, ReportRenderer } from './report.ts';
import { searchLines } from './search-lines.ts';
import { outlookLines, verdictLines } from './verdict-lines.ts';
import { forKind } from '../../../core/kind-table.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { limitText } from '../../../core/text/limit-text.ts';
import { notJudgedReasons } from '../../../core/text/step-verdict-text.ts';
import { bar, renderTable } from './table.ts';
import { alikeFindings, othersText, type AlikeFindings } from '../../../core/documents/findings/alike-findings.ts';

export const text = { render: renderText } satisfies ReportRenderer;

const mostInSummary = 3;

export function renderText(analysis: Analysis, { colours, explainIn, detail }: ReportOptions): string {
  const paint = paintWith(colours);
  const sections = detail === 'summary' ? summaryOf(analysis, paint) : pageOf(analysis, paint, detail === 'full');
  if (explainIn !== undefined) sections.push(explainLines(analysis, explainIn));
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function summaryOf(analysis: Analysis, paint: Paint): string[][] {
  return [verdictLines(analysis, paint), worstFindingLines(analysis.findings, mostInSummary, paint)];
}

function pageOf(analysis: Analysis, paint: Paint, isFull: boolean): string[][] {
  const findings = isFull ? allFindingLines : decisiveFindingLines;
  return [
    [...verdictLines(analysis, paint), ...outlookLines(analysis)],
    searchLines(analysis),
    stepLines(analysis.steps, paint),
    ledgerLines(analysis.ledger),
    resourceLines(analysis.resources, paint),
    brokerLines(analysis),
    findings(analysis, paint),
  ];
}

/** @returns the delivery check; empty for a run without one */
function ledgerLines(ledger: DeliveryAccount | undefined): string[] {
  if (ledger === undefined) return [];
  const { sent, acknowledged, refused, unknownFate, groups } = ledger;
  return [
    'Delivery check',
    [
      `${countText(sent)} sent`,
      `${countText(acknowledged)} acknowledged`,
      ...nonZero({ refused, 'with unknown outcome': unknownFate }),
    ].join(', '),
    ...groups.map((group) =>
      [
        `${group.group}: ${countText(group.received)} received`,
        ...nonZero({
          'never reported as sent': group.untoldButDelivered,
          ...Object.fromEntries(messageFaults.map((name) => [name, group[name] ?? 0])),
        }),
      ].join(', '),
    ),
  ];
}

const nonZero = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([name, value]) => (value > 0 ? [`${countText(value)} ${name}`] : []));

/** Renders the steps of a load test as a table: target rate, achieved rate, latency, failures, verdict. */
function stepLines(all: readonly AnalysedStep[], paint: Paint): string[] {
  if (all.length === 0) return ['Steps: none'];
  const [title = '', ...rows] = renderTable(
    columnsOf(['>target msg/s', '>concurrency', '>achieved', '>p50', '>p99', '>send delay p99', '>failed', 'result']),
    all.map((step) => [
      ifKnown(step.targetTps, rateNumberText),
      ifKnown(step.lanes, quantityText),
      rateNumberText(step.achievedTps),
      ifKnown(step.latencySeconds?.p50, durationText),
      ifKnown(step.latencySeconds?.p99, durationText),
      ifKnown(step.sendDelaySeconds?.p99, durationText),
      ifKnown(step.failedSends, quantityText),
      verdictText(step.verdict),
    ]),
  );
  return ['Steps', paint('dim', title), ...rows.map((row, index) => paint(verdictStyle(all[index]?.verdict), row))];
}

const verdictText = (verdict: StepVerdict): string =>
  forKind(verdict, {
    sustained: () => 'sustained',
    saturated: ({ bottleneck }) => `saturated: ${bottleneck ? limitText(bottleneck) : 'cause unknown'}`,
    invalid: ({ reason }) => `invalid: ${reason}`,
    'not-judged': ({ reason }) => `not judged: ${notJudgedReasons[reason][0]}`,
  });

function verdictStyle(verdict: StepVerdict | undefined): Style {
  return verdict?.kind === 'sustained' ? 'green' : verdict?.kind === 'saturated' ? 'red' : 'yellow';
}

function resourceLines(all: readonly AnalysedResource[], paint: Paint): string[] {
  if (all.length === 0) return ['Resources: none measured'];
  const [title = '', ...rows] = renderTable(
    columnsOf([
      'node',
      'resource',
      'use at highest step',
      '>limit',
      '>msg/s at limit',
      '>msg/s at saturation',
      '>capacity',
    ]),
    all.map(({ node, resource, policyLimit, capacity, safeTps, saturationTps, ...use }) => [
      node,
      resource,
      useText(use, policyLimit),
      percentText(policyLimit),
      ifKnown(safeTps?.value, rateNumberText),
      ifKnown(saturationTps?.value, rateNumberText),
      capacity && capacityText(capacity.value, capacity.unit),
    ]),
  );
  return ['Resources', paint('dim', title), ...rows];
}

function useText(
  { utilisationAtHighestStep: share, utilisationBounds: bounds }: Partial<AnalysedResource>,
  policyLimit: number,
): string | undefined {
  if (share !== undefined) return `${bar(share, policyLimit)} ${percentText(share)}`;
  const [low, high] = [bounds?.low, bounds?.high].map((end) => end && percentText(end));
  if (low !== undefined && high !== undefined) return `${low} to ${high}`;
  return high !== undefined ? `at most ${high}` : ifKnown(low, (end) => `at least ${end}`);
}

/** Renders measurements by resource and broker: use, policy limit, safe rate and saturation. */
function brokerLines({ perBroker }: Analysis): string[] {
  if (perBroker.length < 2) return [];
  const rows = perBroker.map(({ broker, host, safeTps, saturationTps, limitedBy }) => [
    broker,
    host,
    ifKnown(safeTps, rateNumberText),
    ifKnown(saturationTps, rateNumberText),
    limitedBy && limitText(limitedBy),
  ]);
  return [
    'Brokers: cluster rate at which each reaches its policy limit (lower bound), and is saturated (estimate)',
    ...renderTable(columnsOf(['broker', 'host', '>safe msg/s', '>saturation msg/s', 'limited by']), rows),
  ];
}

const severityStyle = { critical: 'red', warning: 'yellow', info: 'cyan' } as const satisfies Record<
  Finding['severity'],
  Style
>;

const labelWidth = 9;

const worstFirst = (all: readonly Finding[]) => {
  const order = Object.keys(severityStyle);
  return all.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
};

/** Evidence, which differs by broker, is not part of the text. */
const alikeWorstFirst = (all: readonly Finding[], brokers: Analysis['perBroker']) =>
  alikeFindings(
    worstFirst(all).map((finding) => ({ ...finding, evidence: [] })),
    brokers,
  );

const changesDecision = ({ severity }: Finding) => severity !== 'info';

/** All findings, in full. */
function allFindingLines({ findings, perBroker }: Analysis, paint: Paint): string[] {
  if (findings.length === 0) return [];
  const all = alikeWorstFirst(findings, perBroker);
  return [
    'Findings',
    ...all.flatMap((each) => findingLines(each.finding, withOthers(each.finding.message, each), paint)),
  ];
}

/** Inserts the sentence before the list of a message. */
function withOthers(message: string, alike: AlikeFindings): string {
  const [opening = '', ...items] = message.split('\n');
  return [opening + othersText(alike), ...items].join('\n');
}

/** Findings that change a decision, without their lists; the rest is counted. */
function decisiveFindingLines({ findings, perBroker }: Analysis, paint: Paint): string[] {
  const shown = worstFirst(findings).filter(changesDecision);
  const notes = findings.length - shown.length;
  const hasDetails = shown.some(({ message }) => message.includes('\n'));
  const lines = alikeWorstFirst(shown, perBroker).flatMap((each) =>
    findingLines(each.finding, openingOf(each.finding.message) + othersText(each), paint),
  );
  const left = [
    ...(notes > 0 ? [counted(notes, 'note')] : []),
    ...(hasDetails ? ['details of the findings'] : []),
  ].join(' and ');
  return [
    ...(lines.length > 0 ? ['Findings', ...lines] : []),
    ...(left === '' ? [] : [`${left}; --verbose prints them`]),
  ];
}

/** First sentences of the worst findings; one per code, because each broker of a cluster may have the same. */
function worstFindingLines(all: readonly Finding[], most: number, paint: Paint): string[] {
  const worst = worstFirst(all).filter(changesDecision);
  const isFirst = ({ code }: Finding, index: number) => worst.findIndex((each) => each.code === code) === index;
  const shown = worst.filter(isFirst).slice(0, most);
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
