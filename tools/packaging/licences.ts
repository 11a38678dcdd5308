// Renders the notices of the packages that are part of the product.

import type { ProductionPackage } from './production-packages.ts';

/** @returns the file of notices: each package once, with its licence */
export function renderNotices(packages: readonly ProductionPackage[]): string {
  const parts = packages.map(({ name, version, licence, texts }) => {
    const head = `${name} ${version}\n${licence ?? 'no licence named'}\n`;
    return [head, ...texts.map(({ text }) => `${text.replaceAll('\r\n', '\n').trim()}\n`)].join('\n');
  });
  const rule = `${'='.repeat(100)}\n`;
  return ['Plimsoll contains the packages below, each under its own licence.\n', ...parts].join(`\n${rule}\n`);
}
