// Writes the bill of materials of a bundle as CycloneDX, without run-specific parts.

import { z } from 'zod';
import { mustRun } from './must-run.ts';

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
