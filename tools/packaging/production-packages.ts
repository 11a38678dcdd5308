// Reads the production packages of package-lock.json; renders their notices and the bill of materials.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ifPresent } from '../../core/files.ts';
import { mustRun } from './must-run.ts';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.object({ version: z.string().optional(), dev: z.boolean().optional(), optional: z.boolean().optional() }),
  ),
});

/** In old packages `licenses` is a list, and `license` an object. */
const Licence = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]);
const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: Licence.optional(),
  licenses: z.array(Licence).optional(),
});

export interface ProductionPackage {
  name: string;
  version: string;
  /** SPDX expression in the package; absent if there is none. */
  licence?: string;
  /** License files, by name. */
  texts: readonly { file: string; text: string }[];
}

/**
 * @param folder folder of package-lock.json and node_modules
 * @returns the packages by name, without those that npm skips on this platform
 */
export async function readProductionPackages(folder: string): Promise<ProductionPackage[]> {
  const lock = Lock.parse(JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')));
  const found: ProductionPackage[] = [];
  for (const [place, { dev, optional }] of Object.entries(lock.packages)) {
    if (place === '' || dev === true) continue;
    const read = await readPackage(join(folder, place));
    if (read !== undefined) found.push(read);
    else if (optional !== true) throw new Error(`${place} is in package-lock.json and not installed`);
  }
  return found.toSorted((a, b) => `${a.name}@${a.version}`.localeCompare(`${b.name}@${b.version}`, 'en'));
}

async function readPackage(folder: string): Promise<ProductionPackage | undefined> {
  const written = await ifPresent(readFile(join(folder, 'package.json'), 'utf8'));
  if (written === undefined) return undefined;
  const { name, version, license, licenses } = Manifest.parse(JSON.parse(written));
  const licence = license ?? licenses?.join(' OR ');
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).toSorted();
  const texts = [];
  for (const file of files) texts.push({ file, text: await readFile(join(folder, file), 'utf8') });
  return { name, version, texts, ...(licence !== undefined && { licence }) };
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

const Bill = z.looseObject({
  bomFormat: z.literal('CycloneDX'),
  serialNumber: z.string().optional(),
  metadata: z.looseObject({ timestamp: z.string().optional(), component: z.looseObject({ name: z.string() }) }),
  components: z.array(z.looseObject({ name: z.string(), version: z.string() })),
});

/** @param folder folder with package.json and the node_modules that are shipped */
export async function renderBillOfMaterials(folder: string): Promise<string> {
  const written = await mustRun('npm', ['sbom', '--omit=dev', '--sbom-format=cyclonedx'], folder);
  const bill = Bill.parse(JSON.parse(written));
  // Both fields are optional in CycloneDX 1.5; the name would be that of the folder.
  delete bill.serialNumber;
  delete bill.metadata.timestamp;
  bill.metadata.component.name = 'plimsoll';
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}
