import { expect, test } from 'vitest';
import { freezesOf } from '../../../../app/config/freezes.ts';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { ChangesConfig } from '../../../../ops/change/config.ts';
import { currentFreeze } from '../../../../ops/change/freeze.ts';

const freezes = (promotion: { from: string; to: string }, around: { before?: string; after?: string } = {}) =>
  freezesOf({
    changes: ChangesConfig.parse({ freezes: [{ reason: 'promotion', promotion: '*', ...around }] }),
    service: ServiceConfig.parse({ promotions: [{ name: 'double-11', timezone: 'Asia/Shanghai', ...promotion }] }),
  });

test('a freeze covers the whole minutes in which a promotion begins and ends', () => {
  const given = freezes({ from: '2026-11-10T20:00:30', to: '2026-11-12T00:00:59' });
  expect(given).toMatchObject([{ from: '2026-11-10T20:00', to: '2026-11-12T00:01', timeZone: 'Asia/Shanghai' }]);
  const isFrozen = (at: string) => currentFreeze(given, 'orders', new Date(at)) !== undefined;
  expect(isFrozen('2026-11-11T16:00:58Z')).toBe(true);
  expect(isFrozen('2026-11-11T16:01:00Z')).toBe(false);
});

test('lead and tail with seconds extend to whole minutes, and whole minutes stay unchanged', () => {
  const promotion = { from: '2026-11-10T20:00', to: '2026-11-12T00:00' };
  expect(freezes(promotion, { before: '90s', after: '90s' })).toMatchObject([
    { from: '2026-11-10T19:58', to: '2026-11-12T00:02' },
  ]);
  expect(freezes(promotion)).toMatchObject([promotion]);
});
