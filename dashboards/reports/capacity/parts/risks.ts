// Writes the risks: assumptions, dependencies and findings of the checks.

import { punctuation } from '../../../../core/text/punctuation.ts';
import { findingMessage } from '../../../../core/documents/findings/findings.ts';
import { assumptionText } from '../../../../core/documents/reasons/plan-assumptions.ts';
import { none, tableOf, type Block, type WritePart } from '../part.ts';

export const writeRisks: WritePart = (report, language) => {
  const { texts } = language;
  const sensitivity = report.clusters.flatMap(({ name, sensitivity: inputs }) =>
    tableOf({
      title: texts.sensitivityOf(name),
      columns: [{ title: texts.input }, { title: texts.brokersAt, isNumber: true }],
      rows: inputs.map(({ input, brokersAtLow, brokersAtHigh }) => [
        texts.inputOf(input),
        texts.span(String(brokersAtLow), String(brokersAtHigh)),
      ]),
    }),
  );
  const causes = report.clusters.flatMap(({ assumptionCauses }) => assumptionCauses);
  const assumed = [...new Set(causes.map((cause) => assumptionText(cause, language.name)))];
  const found = [...report.findings, ...report.clusters.flatMap(({ findings }) => findings)].map(
    (finding) =>
      `${texts.severity[finding.severity]}${punctuation[language.name].colon}${findingMessage(finding, language.name)}`,
  );
  const list = (title: string, items: readonly string[]): Block[] =>
    items.length === 0
      ? []
      : [
          { kind: 'text', text: title },
          { kind: 'list', items },
        ];
  const blocks = [...sensitivity, ...list(texts.assumptions, assumed), ...list(texts.findings, [...new Set(found)])];
  return blocks.length === 0 ? none(language) : blocks;
};
