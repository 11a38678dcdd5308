import { expect, test } from 'vitest';
import { DomainsFile } from '../../../../../analyzer/planning/domains/domains-file.ts';
import { fromVerdict } from '../../../../../analyzer/planning/sizing/measured.ts';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { Analysis } from '../../../../../core/documents/analysis.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { plainRun } from '../../../../support/load-test-run.ts';
import { policyWith } from '../../../../support/sized.ts';

const run = plainRun();

function measuredRatio(workload: Record<string, unknown>, stated: object = {}): number | undefined {
  const resume = { workload, keepTopic: false, ownTopics: [], clusterDigest: '' };
  const analysis = Analysis.parse(analyzeRun({ ...run, document: { ...run.document, resume } }, examplePolicy()));
  const { measurements } = DomainsFile.parse({
    measurements: [
      { broker: 'kafka', mode: 'kraft', replicas: 3, shape: 'middle', verdict: 'verdict.json', ...stated },
    ],
    domains: { orders: { demand: { peakTps: 1000, messageBytes: '500B', retention: '1d' } } },
  });
  const reading = fromVerdict(measurements[0]!, analysis, 'verdict.json', policyWith({}));
  return reading.kind === 'measured' ? reading.measured.compressionRatio : expect.fail(reading.reason.kind);
}

test('a measurement has the compression of its run, or else the stated one', () => {
  expect(measuredRatio({ compression: 'lz4', compressionRatio: 3 })).toBe(3);
  expect(measuredRatio({ compression: 'lz4', compressionRatio: 3 }, { compressionRatio: 2 })).toBe(3);
  // Without a ratio the load generator sends random bytes.
  expect(measuredRatio({ compression: 'lz4' })).toBeUndefined();
  expect(measuredRatio({ compression: 'none', compressionRatio: 3 }, { compressionRatio: 2 })).toBe(2);
});
