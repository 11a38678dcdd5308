// Keeps the outcome of each chaos run in evidence/chaos/runs.ndjson and writes the table of docs/chaos.md from it.

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
  /** Whether the change was under way when the fault came. */
  isInside: z.boolean(),
  /** What the fault showed at once, or the error with which the change ended. */
  note: z.string().optional(),
  /** Of the process that met the fault; absent when a signal ended it. */
  exitCode: z.int().optional(),
  recovery: z.enum(['none', 'resume', 'abort', 'repeat']),
  recoveryExitCode: z.int().optional(),
  recoverySeconds: z.number().optional(),
  /** Absent: one was enough. */
  recoveryAttempts: z.int().optional(),
  layout: z.enum(['old', 'new', 'mixed']),
  /** Borrowed settings and moves that are left. */
  left: z.array(z.string()),
  /** Invariants that did not hold. */
  violations: z.array(z.string()),
});
export type ChaosRow = z.infer<typeof ChaosRow>;

/** Of the load beneath the runs of these seeds. */
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
