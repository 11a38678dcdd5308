import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { explainLines } from '../../../../../dashboards/reports/analysis/explain-lines.ts';
import { renderText } from '../../../../../dashboards/reports/analysis/text.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const analysis = analyzeRun(plainRun({ rates: [4000, 5000, 6000, 7000, 8000] }), examplePolicy());

describe('the chain', () => {
  const { explanation = [], safeMaxTps } = analysis;
  const byId = new Map(explanation.map((figure) => [figure.id, figure]));

  test('names nothing that it does not show', () => {
    for (const { from } of explanation) for (const id of from) expect(byId.has(id), id).toBe(true);
  });

  test('goes from the answer back to samples of every step', () => {
    const reached = new Set<string>();
    const follow = (id: string) => {
      if (reached.has(id)) return;
      reached.add(id);
      byId.get(id)?.from.forEach(follow);
    };
    follow('answer');
    for (const step of [1, 2, 3, 4, 5]) expect(reached).toContain(`step.${step}.use`);
    expect(reached).toContain('capacity');
  });

  test('can be computed again: the law, the p99 and the limit give the estimate', () => {
    const value = (id: string) => Number(byId.get(id)?.value);
    const use = value('limit') / value('seconds.p99');
    expect((use - value('law.a')) / value('law.b')).toBeCloseTo(value('estimate'), 6);
    expect('tps' in safeMaxTps && safeMaxTps.tps).toBe(value('answer'));
  });

  test('gives every sample and limit a source', () => {
    for (const { source, id } of explanation) expect(source, id).not.toBe('');
  });
});

test('is printed in the language that was asked for, and only then', () => {
  expect(renderText(analysis, { colours: false })).not.toContain('Computation of the safe maximum');
  expect(renderText(analysis, { colours: false, explainIn: 'en' })).toContain('Computation of the safe maximum');
  const chinese = explainLines(analysis, 'zh').join('\n');
  expect(chinese).toContain('安全上限的计算过程');
  expect(chinese).toContain('安全上限');
  expect(chinese).toContain('第 1 个台阶的实际速率');
  expect(chinese).not.toContain('undefined');
  expect(chinese).not.toMatch(/\d (msg|messages|bytes|cores|ratio)/);
});

test('a run without a number says so', () => {
  const none = analyzeRun(plainRun({ rates: [100, 200, 300] }), examplePolicy());
  expect(none.explanation).toBeUndefined();
  expect(explainLines(none, 'en')[1]).toContain('no number');
});
