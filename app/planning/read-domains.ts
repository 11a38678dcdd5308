// Reads the files of a sizing: domains, their catalogue, and verdicts of load tests.

import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { CatalogueFile, shapesOf } from '../../analyzer/planning/domains/catalogue-file.ts';
import { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { Analysis } from '../../core/documents/analysis.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError } from '../../core/errors.ts';
import { parseJsonFile } from '../../core/text/parse-json.ts';
import { readBounded } from '../files/read-bounded.ts';
import { fromStated, fromVerdict, type MeasuredVerdict } from '../../analyzer/planning/sizing/measured.ts';
import type { SizingInput } from '../../analyzer/planning/sizing/size-domains.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';

/** The required parts of a verdict; verdicts of later versions may have more. */
const Verdict = z.object({
  ...Analysis.pick({ run: true, safeMaxTps: true, saturationTps: true, fingerprint: true, degraded: true }).shape,
  steps: z
    .array(
      z.object({
        targetTps: z.number().optional(),
        backgroundTps: z.number().optional(),
        endedSeconds: z.number().optional(),
        achievedTps: z.number(),
        verdict: z.object({ kind: z.string() }),
        latencySeconds: z.object({ p99: z.number() }).optional(),
      }),
    )
    .optional(),
  resources: z
    .array(
      z.object({
        resource: z.string(),
        policyLimit: z.number().positive(),
        utilisationAtHighestStep: z.number().optional(),
      }),
    )
    .optional(),
  certificate: z.object({}).optional(),
  perBroker: z.array(z.object({ broker: z.string() })).optional(),
  redline: z.object({ ledTps: z.record(z.string(), z.number()) }).optional(),
});

/** @throws AppError config-invalid, sizing-unreadable */
export async function readDomains(
  path: string,
  { catalogue, policy, signal }: { catalogue?: string | undefined; policy: Policy; signal: AbortSignal },
): Promise<DomainsReading> {
  const file = await load(path, DomainsFile, signal);
  const cataloguePath = catalogue ?? (file.catalogue && resolve(dirname(path), file.catalogue));
  if (cataloguePath === undefined) {
    throw new AppError('usage', `${path} has no catalogue of hardware shapes`, {
      hint: 'add `catalogue: FILE` to it, or give --catalogue FILE; see examples/domains-catalogue.yaml',
    });
  }
  const shapesFile = await load(cataloguePath, CatalogueFile, signal);
  const named = file.measurements.flatMap(({ verdict }) => verdict ?? []);
  const verdicts = await Promise.all(
    named.map(async (name) => [name, await readVerdict(resolve(dirname(path), name), signal)] as const),
  );
  return sizingInput({ file, catalogue: shapesFile, policy, verdicts: Object.fromEntries(verdicts) });
}

/** @throws AppError with a hint of this command, because the file is not the one of --config */
async function load<Schema extends z.ZodType>(path: string, schema: Schema, signal: AbortSignal) {
  try {
    return await loadConfigFile(path, schema, { signal });
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'config-unreadable') throw cause;
    throw new AppError('sizing-unreadable', cause.message, { cause });
  }
}

async function readVerdict(path: string, signal: AbortSignal) {
  const text = await readBounded(path, { signal }, { fault: 'sizing-unreadable', missing: 'sizing-unreadable' });
  const written = parseJsonFile(text, path, 'sizing-unreadable');
  const { data } = Verdict.safeParse(written);
  if (data !== undefined) return data;
  throw new AppError('sizing-unreadable', `${path} is not a verdict: run, safeMaxTps or saturationTps is missing`);
}

type DomainsReading = Omit<SizingInput, 'seed' | 'worlds'>;

export interface SizingFiles {
  file: DomainsFile;
  catalogue: CatalogueFile;
  policy: Policy;
  /** By the value of `verdict` in a measurement. */
  verdicts: Readonly<Record<string, MeasuredVerdict>>;
}

/** Assembles the input of a sizing from the domains file, its catalogue and its verdicts. */
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
