import { expect, test } from 'vitest';
import type { BenchResult } from '../../../bench/bench.ts';
import { renderLine, renderTable, toDocument } from '../../../bench/report.ts';

const machine = { os: 'linux', cpu: 'one', cores: 2, memoryBytes: 1, node: 'v24' };
const row = (over: Partial<BenchResult>): BenchResult => ({
  metric: 'time',
  unit: 's',
  ours: 2,
  goal: 'faster than the peer',
  met: true,
  ...over,
});

test('a peer in the same run yields a ratio', () => {
  const peer = { name: 'other', version: '1.2', value: 4 };
  expect(toDocument('x', machine, [row({ peer })]).results).toEqual([{ ...row({}), peer, ratio: 0.5 }]);
});

test('a missing peer is reported, without a ratio and a verdict', () => {
  const results = [row({ peer: { name: 'other', missing: 'not in the registry' } })];
  const [only] = toDocument('x', machine, results).results;
  expect(only).toEqual({ metric: 'time', unit: 's', ours: 2, goal: 'faster than the peer' });
  expect(renderTable(results)).toContain('other: not in the registry');
  expect(renderTable(results)).toContain('unknown');
});

test('the summary of a run lists every figure on one line, including missed goals', () =>
  expect(renderLine([row({ met: false }), row({ metric: 'error', unit: 'ratio', ours: 0.04 })])).toBe(
    'time 2 s (goal faster than the peer: no); error 0.04 ratio (goal faster than the peer: yes)',
  ));
