// Assembles the input of a sizing from the domains file, its catalogue and its verdicts.

import { shapesOf, type CatalogueFile } from '../../analyzer/planning/domains/catalogue-file.ts';
import type { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import { fromStated, fromVerdict, type MeasuredVerdict } from '../../analyzer/planning/sizing/measured.ts';
import type { SizingInput } from '../../analyzer/planning/sizing/size-domains.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import type { Policy } from '../../core/policy/policy.ts';

export type DomainsReading = Omit<SizingInput, 'seed' | 'worlds'>;

export interface SizingFiles {
  file: DomainsFile;
  catalogue: CatalogueFile;
  policy: Policy;
  /** By the value of `verdict` in a measurement. */
  verdicts: Readonly<Record<string, MeasuredVerdict>>;
}

export function sizingInput({ file, catalogue, policy: base, verdicts }: SizingFiles): DomainsReading {
  const policy = sizingPolicy(base, file.policy);
  const readings = file.measurements.map((section) => {
    const { verdict } = section;
    if (verdict === undefined) return { section, reading: fromStated(section, policy) };
    const known = verdicts[verdict];
    if (known === undefined) throw new RangeError(`no verdict ${verdict} was handed in`);
    return { section, reading: fromVerdict(section, known, verdict, policy) };
  });
  const { currency } = catalogue;
  return { file, policy, shapes: shapesOf(catalogue), readings, ...(currency !== undefined && { currency }) };
}
