// Appends the outcome of each chaos run to evidence/chaos/runs.ndjson and renders the table of docs/evidence/chaos.md from it.

import { appendFile, readFile } from 'node:fs/promises';
import { z } from 'zod';

export const ChaosRow = z.strictObject({
  kind: z.literal('run'),
  at: z.iso.datetime(),
  commit: z.string(),
  seed: z.int(),
  product: z.enum(['kafka', 'rocketmq']),
  change: z.string(),
  fault: z.string(),
  /** Text of the step that had begun, and seconds after it. */
  step: z.string(),
  delay: z.number(),
  /** Whether the change was in progress when the fault started. */
  isInside: z.boolean(),
  /** Immediate effect of the fault, or the error with which the change ended. */
  note: z.string().optional(),
  /** Exit code of the process that met the fault; absent if a signal ended it. */
  exitCode: z.int().optional(),
  recovery: z.enum(['none', 'resume', 'abort', 'repeat']),
  recoveryExitCode: z.int().optional(),
  recoverySeconds: z.number().optional(),
  /** Attempts that recovery needed; absent if one was enough. */
  recoveryAttempts: z.int().optional(),
  layout: z.enum(['old', 'new', 'mixed']),
  /** Borrowed settings and moves that remain. */
  left: z.array(z.string()),
  /** Invariants that were violated. */
  violations: z.array(z.string()),
});
export type ChaosRow = z.infer<typeof ChaosRow>;

/** Delivery check of the load during the runs of these seeds. */
export const DeliveryRow = z.strictObject({
  kind: z.literal('delivery'),
  at: z.iso.datetime(),
  commit: z.string(),
  seeds: z.array(z.int()),
  acknowledged: z.int(),
  lost: z.int(),
  duplicated: z.int(),
  reordered: z.int(),
});

const Line = z.discriminatedUnion('kind', [ChaosRow, DeliveryRow]);
export type ChaosLine = z.infer<typeof Line>;

export const recordPath = 'evidence/chaos/runs.ndjson';

export async function keepChaosLine(line: ChaosLine): Promise<void> {
  await appendFile(recordPath, `${JSON.stringify(Line.parse(line))}\n`);
}

export async function readChaosLines(path = recordPath): Promise<ChaosLine[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => Line.parse(JSON.parse(line)));
}
