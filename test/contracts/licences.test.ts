// Checks that the licence of every shipped package permits distribution.

import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import {
  renderNotices,
  readProductionPackages,
  type ProductionPackage,
} from '../../tools/packaging/production-packages.ts';

const packages = await readProductionPackages(fileURLToPath(new URL('../..', import.meta.url)));
const under = (licence?: string): ProductionPackage => ({
  name: 'other',
  version: '1.0.0',
  texts: [],
  ...(licence !== undefined && { licence }),
});

/** The bundle includes their notices; the font's OFL also forbids selling it on its own. */
const allowedLicences: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'OFL-1.1',
  'Unlicense',
  'Zlib',
]);

/** @returns why this package must not be part of the product; undefined if it may */
function objectionTo({ name, version, licence }: ProductionPackage): string | undefined {
  if (licence === undefined) return `${name} ${version} names no licence`;
  return isAllowed(licence) ? undefined : `${name} ${version} is under ${licence}`;
}

/** In `A OR B` one is enough, in `A AND B` both are required (the subset of SPDX expressions that packages use). */
function isAllowed(expression: string): boolean {
  const bare = expression.trim().replace(/^\((.*)\)$/, '$1');
  if (bare.includes(' OR ')) return bare.split(' OR ').some(isAllowed);
  if (bare.includes(' AND ')) return bare.split(' AND ').every(isAllowed);
  return allowedLicences.has(bare);
}

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
