// Checks that each kind of verdict is produced by a run and matches the schema.

import { expect, test } from 'vitest';
import { analyzeRun } from '../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../support/example-policy.ts';
import { reports } from '../../dashboards/reports/analysis/registry.ts';
import { Analysis, SafeMaxTps, SaturationTps, StepVerdict } from '../../core/documents/analysis.ts';
import { plainRun } from '../support/load-test-run.ts';

const policy = examplePolicy();
const short = { ...policy, confirmationSeconds: { ...policy.confirmationSeconds, value: 10 } };
const near = { rates: [2000, 4000, 6000, 8000] };
const runs = {
  predicted: analyzeRun(plainRun(near), policy),
  confirmed: analyzeRun(
    plainRun({ rates: [2000, 4000, 6000, 8200, 12_000], carried: (rate) => Math.min(1, 10_400 / rate) }),
    short,
  ),
  'at-least': analyzeRun(plainRun({ rates: [100, 200, 300] }), policy),
  unknown: analyzeRun(plainRun({ stepSeconds: 4 }), policy),
};

const kinds = (union: { options: readonly { shape: { kind: { value: string } } }[] }) =>
  union.options.map(({ shape }) => shape.kind.value);

test.each(Object.entries(runs))(
  'a run with %s verdicts matches the schema after a round trip through JSON',
  (kind, analysis) => {
    const read = Analysis.parse(JSON.parse(reports.json.render(analysis)));
    expect(read).toEqual(analysis);
    expect([read.safeMaxTps.kind, read.saturationTps.kind]).toEqual([kind, kind]);
  },
);

test('the runs here and readings produce every kind of verdict', () => {
  const made = [...Object.keys(runs), 'observed'].sort();
  expect(kinds(SafeMaxTps).sort()).toEqual(made);
  expect(kinds(SaturationTps).sort()).toEqual(made);
  expect(kinds(StepVerdict)).toEqual(['sustained', 'saturated', 'invalid', 'not-judged']);
});

test('every piece of evidence has a unit and a source', () => {
  for (const { findings } of Object.values(runs)) {
    for (const { unit, source } of findings.flatMap(({ evidence }) => evidence)) {
      expect(unit).not.toBe('');
      expect(source).not.toBe('');
    }
  }
});

test('unknown values are omitted, not written as null', () => {
  for (const analysis of Object.values(runs)) expect(reports.json.render(analysis)).not.toContain('null');
});
