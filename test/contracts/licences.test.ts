// Checks that the licence of every shipped package permits distribution.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { objectionTo, renderNotices } from '../../tools/packaging/licences.ts';
import { readProductionPackages, type ProductionPackage } from '../../tools/packaging/production-packages.ts';

const packages = await readProductionPackages(fileURLToPath(new URL('../..', import.meta.url)));
const under = (licence?: string): ProductionPackage => ({
  name: 'other',
  version: '1.0.0',
  texts: [],
  ...(licence !== undefined && { licence }),
});

test('every package has a licence that requires at most its notice', () => {
  expect(packages.length).toBeGreaterThan(50);
  expect(packages.map(objectionTo).filter((objection) => objection !== undefined)).toEqual([]);
});

test('development dependencies are not among the shipped packages', () => {
  expect(packages.map(({ name }) => name)).not.toContain('vitest');
});

test.each([
  ['GPL-3.0-only', 'other 1.0.0 is under GPL-3.0-only'],
  ['(MIT AND GPL-3.0-only)', 'other 1.0.0 is under (MIT AND GPL-3.0-only)'],
  [undefined, 'other 1.0.0 names no licence'],
  ['(MIT OR GPL-3.0-only)', undefined],
  ['MIT AND Zlib', undefined],
])('a package under %s has the objection: %s', (licence, objection) => {
  expect(objectionTo(under(licence))).toBe(objection);
});

test('the notices list every package and include the licence texts', () => {
  const notices = renderNotices(packages);
  for (const { name, version } of packages) expect(notices).toContain(`\n${name} ${version}\n`);
  expect(notices).toContain('SIL OPEN FONT LICENSE');
});
