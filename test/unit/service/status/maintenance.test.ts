import { expect, test } from 'vitest';
import { ServiceConfig } from '../../../../app/config/service.ts';
import { maintenanceAt } from '../../../../service/status/maintenance.ts';

const window = (from: string, to: string, clusters = ['orders']) => ({
  clusters,
  reason: 'kernel upgrade',
  from,
  to,
  timezone: 'Asia/Shanghai',
});
const at = (utc: string, windows: readonly unknown[]) =>
  maintenanceAt(ServiceConfig.parse({ maintenance: windows }).maintenance, Date.parse(utc));

test('a window is open from its start until just before its end, in its time zone', () => {
  const windows = [window('2026-11-25T02:00', '2026-11-25T04:00')];
  expect(at('2026-11-24T17:59:59Z', windows)).toEqual(new Map([['orders', false]]));
  expect(at('2026-11-24T18:00:00Z', windows)).toEqual(new Map([['orders', true]]));
  expect(at('2026-11-24T20:00:00Z', windows)).toEqual(new Map([['orders', false]]));
});

test('one open window is enough, and each covers only its clusters', () => {
  const windows = [
    window('2026-11-25T02:00', '2026-11-25T04:00', ['orders', 'logs']),
    window('2026-11-26T02:00', '2026-11-26T04:00'),
  ];
  expect(at('2026-11-25T18:30:00Z', windows)).toEqual(
    new Map([
      ['orders', true],
      ['logs', false],
    ]),
  );
});

test('a window that ends before it begins is refused', () => {
  expect(() => at('2026-11-25T18:30:00Z', [window('2026-11-25T04:00', '2026-11-25T02:00')])).toThrow(
    'a maintenance window ends after it begins',
  );
});
