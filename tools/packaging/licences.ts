// Checks the licences of packages against the list of allowed ones, and renders the notices.

import type { ProductionPackage } from './production-packages.ts';

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
export function objectionTo({ name, version, licence }: ProductionPackage): string | undefined {
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

/** @returns the file of notices: each package once, with its licence */
export function renderNotices(packages: readonly ProductionPackage[]): string {
  const parts = packages.map(({ name, version, licence, texts }) => {
    const head = `${name} ${version}\n${licence ?? 'no licence named'}\n`;
    return [head, ...texts.map(({ text }) => `${text.replaceAll('\r\n', '\n').trim()}\n`)].join('\n');
  });
  const rule = `${'='.repeat(100)}\n`;
  return ['Plimsoll contains the packages below, each under its own licence.\n', ...parts].join(`\n${rule}\n`);
}
