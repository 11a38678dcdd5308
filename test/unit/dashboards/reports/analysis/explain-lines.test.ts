import { describe, expect, test } from 'vitest';
import { analyzeRun } from '../../../../../analyzer/verdict/analyze-run.ts';
import { examplePolicy } from '../../../../support/example-policy.ts';
import { explainLines } from '../../../../../dashboards/reports/analysis/explain-lines.ts';
import { renderText } from '../../../../../dashboards/reports/analysis/text.ts';
import { recordedRun, threeBrokers } from '../../../../support/go-case.ts';
import { plainRun } from '../../../../support/load-test-run.ts';

const analysis = analyzeRun(plainRun({ rates: [4000, 5000, 6000, 7000, 8000] }), examplePolicy());

describe('the explanation of a safe maximum', () => {
  const { explanation = [], safeMaxTps } = analysis;
  const byId = new Map(explanation.map((figure) => [figure.id, figure]));

  test('refers only to figures that it contains', () => {
    for (const { from } of explanation) for (const id of from) expect(byId.has(id), id).toBe(true);
  });

  test('leads from the answer back to the samples of every step', () => {
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

  test('can be recomputed: fit, p99 and limit result in the estimate', () => {
    const value = (id: string) => Number(byId.get(id)?.value);
    const use = value('limit') / value('seconds.p99');
    expect((use - value('law.a')) / value('law.b')).toBeCloseTo(value('estimate'), 6);
    expect('tps' in safeMaxTps && safeMaxTps.tps).toBe(value('answer'));
  });

  test('has a source for every figure', () => {
    for (const { source, id } of explanation) expect(source, id).not.toBe('');
  });
});

test('is printed only on request, in the requested language', () => {
  expect(renderText(analysis, { colours: false })).not.toContain('Computation of the safe maximum');
  expect(renderText(analysis, { colours: false, explainIn: 'en' })).toContain('Computation of the safe maximum');
  const chinese = explainLines(analysis, 'zh').join('\n');
  expect(chinese).toContain('安全上限的计算过程');
  expect(chinese).toContain('安全上限');
  expect(chinese).toContain('第 1 个台阶的实际速率');
  expect(explainLines({ ...analysis, extrapolated: { factor: 1.8 } }, 'zh').join('\n')).toContain('最高速率之比：1.8');
  expect(chinese).not.toContain('undefined');
  expect(chinese).not.toMatch(/\d (msg|messages|bytes|cores|ratio)/);
});

test('the missing input of an unknown maximum is in the requested language', () => {
  const unknown = analyzeRun({ ...plainRun(), steps: [], produced: [], status: 'interrupted' }, examplePolicy());
  expect(explainLines(unknown, 'en').join('\n')).toContain('Missing: a step that was begun (cluster)');
  expect(explainLines(unknown, 'zh')).toContain('缺少：已开始的台阶');
});

test('a lost zone is not called a broker, even if its name is a number', () => {
  const zoned = analyzeRun(
    recordedRun({
      ...threeBrokers,
      cards: { '1': 6.25e6, '2': 6.25e6, '3': 6.25e6, '4': 6.25e6 },
      zones: { '1': '1', '2': '1', '3': '2', '4': '2' },
      rows: [
        { leader: '1', replicas: ['1', '3'], partitions: 3 },
        { leader: '2', replicas: ['2', '4'], partitions: 3 },
        { leader: '3', replicas: ['3', '1'], partitions: 3 },
        { leader: '4', replicas: ['4', '2'], partitions: 3 },
      ],
      replicationFactor: 2,
      rates: [4000, 5000, 6000, 7000, 8000],
    }),
    examplePolicy(),
  );
  const english = explainLines(zoned, 'en').join('\n');
  expect(english).toContain('Safe maximum after losing zone 1: ');
  expect(english.match(/after losing broker /g)).toHaveLength(4);
  const chinese = explainLines(zoned, 'zh').join('\n');
  expect(chinese).toContain('失去以下节点后的安全上限 可用区 1：');
  expect(chinese.match(/安全上限 Broker /g)).toHaveLength(4);
  const withoutOne = zoned.withoutOne?.filter(({ lost }) => lost === 'zone') ?? [];
  expect(renderText({ ...zoned, withoutOne }, { colours: false })).toMatch(/^Without zone [12] +safe maximum /m);
});

test('a run without a predicted maximum has no explanation and states so', () => {
  const none = analyzeRun(plainRun({ rates: [100, 200, 300] }), examplePolicy());
  expect(none.explanation).toBeUndefined();
  expect(explainLines(none, 'en')[1]).toContain('no number');
});
