// Renders an analysis for a person: first the verdict, then steps, resources and findings, within 100 columns.

import type { Analysis } from '../../../core/documents/analysis.ts';
import { messageFaults, type DeliveryAccount } from '../../../core/documents/delivery-account.ts';
import { countText } from '../../../core/text/quantity-text.ts';
import { explainLines } from './explain-lines.ts';
import { allFindingLines, decisiveFindingLines, worstFindingLines } from './finding-lines.ts';
import { paintWith, type Paint } from '../../../core/text/paint.ts';
import type { ReportOptions, ReportRenderer } from './report.ts';
import { brokerLines, resourceLines } from './resource-lines.ts';
import { searchLines } from './search-lines.ts';
import { stepLines } from './step-lines.ts';
import { outlookLines, verdictLines } from './verdict-lines.ts';

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
    findings(analysis.findings, paint),
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
        ...nonZero(Object.fromEntries(messageFaults.map((name) => [name, group[name] ?? 0]))),
      ].join(', '),
    ),
  ];
}

const nonZero = (counts: Readonly<Record<string, number>>) =>
  Object.entries(counts).flatMap(([name, value]) => (value > 0 ? [`${countText(value)} ${name}`] : []));
