// Analyses damaged and mistaken load test files.

import { build, encodeIntoCompressedBase64 } from 'hdr-histogram-js';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import { joinFiles, type JoinOptions } from '../../analyzer/evidence/importers/joined/joined-run.ts';
import { examplePolicy } from './example-policy.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { nothingStated, ombResult, producerPerfLog } from './load-test-files.ts';

const policy = examplePolicy();
export const noon = Date.parse('2026-11-20T12:00:00Z');
export const held = producerPerfLog({ rate: 10_000 });
export const result = ombResult();

export interface Row {
  name: string;
  files: Readonly<Record<string, string | Uint8Array>>;
  options?: Partial<JoinOptions>;
}

export function analyse({ files, options }: Row): Analysis {
  const given = Object.entries(files).map(([name, content]) => ({
    name,
    bytes: typeof content === 'string' ? Buffer.from(content) : content,
  }));
  return analyzeRun(joinFiles(given, { ...nothingStated, ...options }), policy);
}

export const columns = { time: 'time', rate: 'rate' };
export const interval = (() => {
  const histogram = build();
  for (let value = 0; value < 5000; value += 1) histogram.recordValue(1000 + (value % 2000));
  return encodeIntoCompressedBase64(histogram);
})();
export const consumerHead = 'start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec';
export const hlogHead = '#[Histogram log format version 1.3]\n#[StartTime: 1700000000.000 (seconds since epoch), x]\n';
