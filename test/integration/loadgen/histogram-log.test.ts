// Reads an exported histogram log with HdrHistogram's own reader.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheFolder } from '../../../core/user-folders.ts';
import { brokerJars } from '../../../lab/broker-jars.ts';
import { findJava } from '../../../lab/prerequisites.ts';
import type { Release } from '../../../lab/release.ts';
import { runTool } from '../../../lab/run-tool.ts';
import { exportFormats, exportRun } from '../../../loadgen/record/export/export-run.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { recordedDocument, writeRecordedRun, type RecordedRun } from '../../support/recorded-run.ts';

const version = '2.2.2';
const hdrHistogram: Release = {
  product: 'hdr-histogram',
  title: 'HdrHistogram',
  version,
  artefacts: [{ group: 'org.hdrhistogram', artefact: 'HdrHistogram', version }],
  complete: [version],
};

const run: RecordedRun = {
  steps: [{ rate: 1000, seconds: 20, latency: (n) => 0.001 * (n + 1) }],
  groups: ['readers'],
};

if (fullMatrix) {
  requires('java', 'maven').describe("HdrHistogram's Java reader", () => {
    test('reads the recorded values from an exported log', async () => {
      const io = { signal: AbortSignal.timeout(240_000), environment: process.env, progress: () => undefined };
      const lib = await brokerJars(hdrHistogram, join(cacheFolder(process.env), 'lab'), io);
      const java = await findJava(io);
      await using recorded = await writeRecordedRun(run);
      const out = join(recorded.directory, 'run.hlog');
      const format = exportFormats.hlog;
      const document = recordedDocument(run);
      await exportRun({ directory: recorded.directory, document, format, out, force: false }, io);

      const distributionOf = async (tag: string) => {
        const summary = join(recorded.directory, tag);
        const words = ['-i', out, '-o', summary, '-tag', tag, '-outputValueUnitRatio', '1000'];
        const base = ['-cp', join(lib, '*'), 'org.HdrHistogram.HistogramLogProcessor'];
        const answer = await runTool(java, [...base, ...words], io);
        expect(answer).toMatchObject({ exitCode: 0 });
        return readFile(`${summary}.hgrm`, 'utf8');
      };
      // 1 to 1,000 ms, twenty times each.
      const text = await distributionOf('producer-1.intended-to-acknowledged');
      expect(text).toMatch(/Total count\s+=\s+20000\]/);
      expect(Number(/Max\s+=\s+([\d.]+)/.exec(text)?.[1])).toBeCloseTo(1000, -1);
      const median = /^\s*([\d.]+)\s+0\.5000/m.exec(text)?.[1];
      expect(Number(median)).toBeGreaterThan(499);
      expect(Number(median)).toBeLessThan(501);
      expect(await distributionOf('consumer-readers.intended-to-consumed')).toMatch(/Total count\s+=\s+20000\]/);
    });
  });
}
