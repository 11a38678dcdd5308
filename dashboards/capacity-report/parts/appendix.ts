// From which files was this made, and what do its words mean?

import type { WritePart } from '../part.ts';

export const writeAppendix: WritePart = ({ sources }, { words }) => [
  {
    kind: 'table',
    columns: [{ title: words.source }, { title: words.what }, { title: words.file }, { title: 'SHA-256' }],
    rows: sources.map(({ id, kind, name, sha256 }) => [id, kind, name, sha256]),
  },
  { kind: 'list', items: words.glossary.map(([term, meaning]) => `${term}: ${meaning}`) },
];
