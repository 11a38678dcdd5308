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

test('each run has a row, one that broke an invariant with what it broke', () => {
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
  expect(page).toContain('2 faults came inside a step, 1 runs broke an invariant');
  expect(page).toContain(
    '| 1009 | kafka | reassign | kill-plimsoll | 0.5 s after `wave:` | killed | `--abort`: 0 after 12 s | old | nothing | none | abc |',
  );
  expect(page).toContain('retention.ms=10000 | settings are left');
  expect(page).toContain('| 1009, 1011 | 18,500 | 0 | 0 | 0 | abc |');
});
