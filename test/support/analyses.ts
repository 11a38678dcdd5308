// Reads three handwritten analyses, checked against the schema.

import { readFileSync } from 'node:fs';
import { Analysis } from '../../core/documents/analysis.ts';

export const analysisNames = ['load-test', 'readings', 'generator-limited'] as const;

export function readAnalysis(name: (typeof analysisNames)[number]): Analysis {
  return Analysis.parse(
    JSON.parse(readFileSync(new URL(`../fixtures/analyses/${name}.json`, import.meta.url), 'utf8')),
  );
}
