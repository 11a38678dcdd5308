import { expect, test } from 'vitest';
import { renderChaosPage } from '../../support/chaos/page.ts';
import type { ChaosLine } from '../../support/chaos/record.ts';

const base = { at: '2026-11-21T23:00:00.000Z', commit: 'abc' };
const run: ChaosLine = {
  ...base,
  kind: 'run',
  seed: 1009,
  product: 'kafka',
  change: 'reassign',
  fault: 'kill-plimsoll',
  step: 'wave: ',
  delay: 0.5,
  isInside: true,
  recovery: 'abort',
  recoveryExitCode: 0,
  recoverySeconds: 12,
  layout: 'old',
  left: [],
  violations: [],
};

test('runs are counted by fault and change, with those that violated an invariant', () => {
  const failed: ChaosLine = { ...run, seed: 1011, left: ['retention.ms=10000'], violations: ['settings | are left'] };
  const delivery: ChaosLine = {
    ...base,
    kind: 'delivery',
    seeds: [1009, 1011],
    acknowledged: 18_500,
    lost: 0,
    duplicated: 0,
    reordered: 0,
  };
  const page = renderChaosPage([run, failed, delivery]);
  expect(page).toContain('in 2 the process of the change was running when the fault came, 1 runs broke an invariant');
  expect(page).toContain('Of 18,500 acknowledged messages 0 were lost, 0 duplicated and 0 reordered.');
  expect(page).toContain('| kill-plimsoll | 2 (1) |');
});
