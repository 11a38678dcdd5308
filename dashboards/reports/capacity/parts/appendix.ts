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
    tableBlock({
      columns: [texts.source, texts.what, texts.file, 'SHA-256'],
      anchors: sources.map(({ id }) => sourceAnchor(id)),
      rows: sources.map(({ id, kind, name, sha256 }) => [id, sheetTexts.kinds[kind], name, sha256]),
    }),
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
  const rows = evidence.flatMap(({ domain, source, sources }) =>
    sources.map(({ name, format, sha256 }) => [
      domain,
      name,
      format,
      sha256 ?? texts.unknown,
      fromSource(source)(source),
    ]),
  );
  const columns = [texts.domain, texts.file, texts.origin, 'SHA-256', texts.source];
  return tableOf({ title: texts.measuredFiles, columns, rows });
}

function chain(evidence: CapacityReport['evidence'][number], language: Language): Block[] {
  const { source, explanation } = evidence;
  const { name, texts, numbers } = language;
  if (explanation === undefined) return [];
  return [
    tableBlock({
      title: texts.chainOf(scopedDomain(evidence, language)),
      anchor: chainAnchor(source),
      columns: [texts.what, numeric(texts.figure), texts.formula, texts.source],
      rows: explanation.map((figure) => {
        const { value, unit, source: query } = figure;
        const { name: what, formula = '' } = figureText(figure, name);
        const amount = typeof value === 'number' ? numbers.plain(value) : value;
        return [what, fromSource(source)(`${amount} ${unitText(unit, name)}`.trim()), formula, query];
      }),
    }),
  ];
}
