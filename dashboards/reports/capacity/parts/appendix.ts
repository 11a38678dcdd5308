// Writes the appendix: source files, the computation of each safe maximum, and the definitions.

import type { CapacityReport } from '../../../../core/documents/capacity-report.ts';
import { chainAnchor, fromSource, sourceAnchor, type Block, type Language, type WritePart } from '../part.ts';

export const writeAppendix: WritePart = ({ sources, evidence }, language) => {
  const { words } = language;
  return [
    {
      kind: 'table',
      columns: [{ title: words.source }, { title: words.what }, { title: words.file }, { title: 'SHA-256' }],
      anchors: sources.map(({ id }) => sourceAnchor(id)),
      rows: sources.map(({ id, kind, name, sha256 }) => [id, kind, name, sha256]),
    },
    ...measuredFiles(evidence, language),
    ...evidence.flatMap((each) => chain(each, language)),
    { kind: 'list', items: words.glossary.map(([term, meaning]) => `${term}: ${meaning}`) },
  ];
};

/** What the analyses themselves were made of. */
function measuredFiles(evidence: CapacityReport['evidence'], { words }: Language): Block[] {
  const rows = evidence.flatMap(({ domain, source, sources }) =>
    sources.map(({ name, format, sha256 }) => [
      domain,
      name,
      format,
      sha256 ?? words.unknown,
      fromSource(source)(source),
    ]),
  );
  if (rows.length === 0) return [];
  const columns = [words.domain, words.file, words.origin, 'SHA-256', words.source].map((title) => ({ title }));
  return [{ kind: 'table', title: words.measuredFiles, columns, rows }];
}

function chain(
  { domain, source, explanation }: CapacityReport['evidence'][number],
  { words, numbers }: Language,
): Block[] {
  if (explanation === undefined) return [];
  return [
    {
      kind: 'table',
      title: words.chainOf(domain),
      anchor: chainAnchor(domain),
      columns: [
        { title: words.what },
        { title: words.figure, isNumber: true },
        { title: words.formula },
        { title: words.source },
      ],
      rows: explanation.map(({ name, value, unit, formula, source: query }) => [
        name,
        fromSource(source)(`${typeof value === 'number' ? numbers.plain(value) : value} ${unit}`.trim()),
        formula ?? '',
        query,
      ]),
    },
  ];
}
