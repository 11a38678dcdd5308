// Reads the files of a sizing: domains, the catalogue that they name, and verdicts of load tests.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { CatalogueFile, shapesOf } from '../../analyzer/planning/domains/catalogue-file.ts';
import { DomainsFile, type MeasurementSection } from '../../analyzer/planning/domains/domains-file.ts';
import { fromStated, fromVerdict } from '../../analyzer/planning/sizing/measured.ts';
import type { SizingInput } from '../../analyzer/planning/sizing/size-domains.ts';
import { sizingPolicy, type SizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError } from '../../core/errors.ts';

/** What of a verdict is read; verdicts of later versions may say more elsewhere. */
const Verdict = z.object({
  run: Analysis.shape.run,
  safeMaxTps: Analysis.shape.safeMaxTps,
  saturationTps: Analysis.shape.saturationTps,
});

export type DomainsReading = Omit<SizingInput, 'seed' | 'worlds'>;

/** @throws AppError config-invalid, sizing-unreadable */
export async function readDomains(
  path: string,
  { catalogue, policy: base, signal }: { catalogue?: string | undefined; policy: Policy; signal: AbortSignal },
): Promise<DomainsReading> {
  const file = await load(path, DomainsFile, signal);
  const cataloguePath = catalogue ?? (file.catalogue && resolve(dirname(path), file.catalogue));
  if (cataloguePath === undefined) {
    throw new AppError('usage', `${path} has no catalogue of hardware shapes`, {
      hint: 'add `catalogue: FILE` to it, or give --catalogue FILE; see examples/domains-catalogue.yaml',
    });
  }
  const shapesFile = await load(cataloguePath, CatalogueFile, signal);
  const policy = sizingPolicy(base, file.policy);
  const readings = [];
  for (const section of file.measurements) {
    const reading =
      section.verdict === undefined
        ? fromStated(section, policy)
        : await verdictOf(section, resolve(dirname(path), section.verdict), policy, signal);
    readings.push({ section, reading });
  }
  return {
    file,
    policy,
    shapes: shapesOf(shapesFile),
    readings,
    ...(shapesFile.currency !== undefined && { currency: shapesFile.currency }),
  };
}

/** @throws AppError with a hint of this command: its files are not those of --config */
async function load<Schema extends z.ZodType>(path: string, schema: Schema, signal: AbortSignal) {
  try {
    return await loadConfigFile(path, schema, { signal });
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'config-unreadable') throw cause;
    throw new AppError('sizing-unreadable', cause.message, { cause });
  }
}

async function verdictOf(section: MeasurementSection, path: string, policy: SizingPolicy, signal: AbortSignal) {
  let text: string;
  try {
    text = await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new AppError('sizing-unreadable', `cannot read the verdict ${path}: ${why}`, { cause });
  }
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch (cause) {
    throw new AppError('sizing-unreadable', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  const { data } = Verdict.safeParse(written);
  if (data !== undefined) return fromVerdict(section, data, section.verdict ?? path, policy);
  throw new AppError('sizing-unreadable', `${path} is not a verdict: run, safeMaxTps or saturationTps is missing`);
}
