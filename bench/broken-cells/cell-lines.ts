// Stores predictions, tests and failures of cells in evidence/blast-radius/cells.ndjson, and reads the latest ones.

import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { brokerKinds } from '../../core/cluster.ts';
import { CellFigures, CellGrade } from './cell-figures.ts';

export const cellLinesFile = 'evidence/blast-radius/cells.ndjson';

const common = {
  /** Start time of the run; equal in all lines of one run. */
  run: z.iso.datetime(),
  at: z.iso.datetime(),
  commit: z.string(),
  cell: z.number().int().positive(),
  lab: z.enum(brokerKinds),
  failure: z.string(),
  tps: z.number(),
};

export const CellLine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('predicted'), ...common, figures: CellFigures }),
  z.strictObject({
    kind: z.literal('broken'),
    ...common,
    killed: z.array(z.string()),
    figures: CellFigures,
    wholeAfterSeconds: z.number().optional(),
    fullestCard: z.strictObject({ before: z.number(), after: z.number() }),
    failures: z.array(z.string()).optional(),
    course: z
      .array(
        z.strictObject({
          second: z.number(),
          fullestCard: z.number(),
          lag: z.number(),
          held: z.number(),
          failed: z.number(),
        }),
      )
      .optional(),
    grade: CellGrade,
  }),
  z.strictObject({ kind: z.literal('failed'), ...common, reason: z.string() }),
  /** Marks a run that did not measure the cell; written by hand. */
  z.strictObject({ kind: z.literal('void'), ...common, reason: z.string() }),
]);
export type CellLine = z.infer<typeof CellLine>;

export async function keepCellLine(line: CellLine): Promise<void> {
  await mkdir(dirname(cellLinesFile), { recursive: true });
  await appendFile(cellLinesFile, `${JSON.stringify(CellLine.parse(line))}\n`);
}

export const readCellLines = async (): Promise<CellLine[]> =>
  (await readFile(cellLinesFile, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => CellLine.parse(JSON.parse(line)));

export interface GradedCell {
  predicted: Extract<CellLine, { kind: 'predicted' }>;
  broken: Extract<CellLine, { kind: 'broken' }>;
}

/** @returns by number, the latest valid test of each cell, with the prediction of that run */
export function lastGraded(lines: readonly CellLine[]): GradedCell[] {
  const cells = new Map<number, GradedCell>();
  for (const broken of lines) {
    const isOfSame = ({ run, cell }: CellLine) => run === broken.run && cell === broken.cell;
    if (broken.kind !== 'broken' || lines.some((line) => line.kind === 'void' && isOfSame(line))) continue;
    const predicted = lines.find((line) => line.kind === 'predicted' && isOfSame(line));
    if (predicted?.kind === 'predicted') cells.set(broken.cell, { predicted, broken });
  }
  return [...cells.values()].toSorted((one, other) => one.broken.cell - other.broken.cell);
}
