// Writes the appendix: source files, the computation of each safe maximum, and the definitions.

import { punctuation } from '../../../../core/text/punctuation.ts';
import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { unitText } from '../../../../core/text/quantity-text.ts';
import { figureText } from '../../analysis/explain-texts.ts';
import {
  chainAnchor,
  fromSource,
  scopedDomain,
  sourceAnchor,
  tableOf,
  tableBlock,
  numeric,
  type Block,
  type Language,
  type WritePart,
} from '../part.ts';

export const writeAppendix: WritePart = ({ sources, evidence }, language) => {
  const { texts, sheetTexts } = language;
  return [
    tableBlock(
      sources,
      [
        [texts.source, ({ id }) => id],
        [texts.what, ({ kind }) => sheetTexts.kinds[kind]],
        [texts.file, ({ name }) => name],
        ['SHA-256', ({ sha256 }) => sha256],
      ],
      { anchorOf: ({ id }) => sourceAnchor(id) },
    ),
    ...measuredFiles(evidence, language),
    ...evidence.flatMap((each) => chain(each, language)),
    {
      kind: 'list',
      items: texts.glossary.map(([term, meaning]) => `${term}${punctuation[language.name].colon}${meaning}`),
    },
  ];
};

/** Source files of the analyses. */
function measuredFiles(evidence: CapacityReport['evidence'], { texts }: Language): Block[] {
  const rows = evidence.flatMap(({ domain, source, sources }) => sources.map((each) => ({ domain, source, ...each })));
  return tableOf(
    rows,
    [
      [texts.domain, ({ domain }) => domain],
      [texts.file, ({ name }) => name],
      [texts.origin, ({ format }) => format],
      ['SHA-256', ({ sha256 }) => sha256 ?? texts.unknown],
      [texts.source, ({ source }) => fromSource(source)(source)],
    ],
    { title: texts.measuredFiles },
  );
}

function chain(evidence: CapacityReport['evidence'][number], language: Language): Block[] {
  const { source, explanation } = evidence;
  const { name, texts, numbers } = language;
  if (explanation === undefined) return [];
  const rows = explanation.map((figure) => ({ ...figure, ...figureText(figure, name) }));
  const amount = ({ value, unit }: (typeof rows)[number]) =>
    `${typeof value === 'number' ? numbers.plain(value) : value} ${unitText(unit, name, value)}`.trim();
  return [
    tableBlock(
      rows,
      [
        [texts.what, (figure) => figure.name],
        [numeric(texts.figure), (figure) => fromSource(source)(amount(figure))],
        [texts.formula, ({ formula = '' }) => formula],
        [texts.source, (figure) => figure.source],
      ],
      { title: texts.chainOf(scopedDomain(evidence, language)), anchor: chainAnchor(source) },
    ),
  ];
}
