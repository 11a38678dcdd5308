// Predicts cells of a blast radius, breaks each in a real lab, and grades the predictions.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { brokerKinds, type BrokerKind } from '../core/cluster.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { bitsPerSecond } from '../core/units.ts';
import { defaultKafkaVersion } from '../lab/kafka/release.ts';
import { defaultRocketmqVersion } from '../lab/rocketmq/release.ts';
import type { LabRequest } from '../lab/start-lab.ts';
import { scratchLab, startScratchLab } from '../test/support/scratch-lab.ts';
import { readCommit, updateEvidencePage } from '../test/support/evidence-page.ts';
import { parseOptions, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { breakCell } from './broken-cells/break-cell.ts';
import { gradeCell } from './broken-cells/cell-figures.ts';
import { keepCellLine, lastGraded, readCellLines } from './broken-cells/cell-lines.ts';
import { cells, labs, nicBitsPerSecond, tpsOfDomains, type Cell } from './broken-cells/cells.ts';
import { renderCellsPage, rightOf } from './broken-cells/page.ts';
import { predictCells } from './broken-cells/predicted-cells.ts';
import { startSteadyLoad } from './broken-cells/steady-load.ts';
import { widenGenerator } from './real-truth/card-speed.ts';

const page = 'docs/evidence/blast-radius.md';

const Options = z.object({
  lab: z.enum(brokerKinds).optional(),
  cells: z
    .string()
    .regex(/^\d+(,\d+)*$/)
    .transform((text) => text.split(',').map(Number))
    .optional(),
  'predict-only': z.boolean().default(false),
});

export const blastRadius = {
  name: 'blast-radius',
  summary: 'cells of a blast radius predicted, then broken for real in a lab, and the predictions graded',
  options: {
    lab: { type: 'string', value: 'KIND', help: 'the cells of kafka or rocketmq' },
    cells: { type: 'string', value: 'N,N', help: 'these cells of it (default all)' },
    'predict-only': { type: 'boolean', help: 'print the predictions, record and break nothing' },
  },
  evidence: page,
  recordsItself: () => true,

  async run(io) {
    const asked = parseOptions('blast-radius', Options, io.options);
    const { lab, cells: numbers } = asked;
    const chosen = cells.filter(
      (cell) => (lab === undefined || cell.lab === lab) && (numbers === undefined || numbers.includes(cell.number)),
    );
    const run = io.clock.now().toISOString();
    const commit = await readCommit();
    for (const kind of brokerKinds) {
      const own = chosen.filter((cell) => cell.lab === kind);
      if (own.length > 0) await runLab(own, { kind, run, commit, isPredicted: asked['predict-only'] }, io);
    }
    if (asked['predict-only']) return [];
    const lines = await readCellLines();
    const right = rightOf(lastGraded(lines)).map(({ title, right: ours, all }): BenchResult => ({
      metric: `${title}: right, of ${all} cells`,
      unit: 'cells',
      ours,
      goal: `at least ${Math.ceil(0.75 * all)}`,
      met: ours >= 0.75 * all,
    }));
    const outcome = right.map(
      ({ metric, ours, goal, met }) => `${metric} ${ours} (goal ${goal}: ${met ? 'yes' : 'no'})`,
    );
    const command = ['npm run bench -- blast-radius', lab && `--lab ${lab}`, numbers && `--cells ${numbers.join()}`];
    await updateEvidencePage(page, {
      tables: renderCellsPage(lines),
      attempt: { command: command.filter(Boolean).join(' '), commit, at: new Date(run), outcome: outcome.join('; ') },
    });
    return right;
  },
} satisfies Bench;

interface LabRun {
  kind: BrokerKind;
  run: string;
  commit: string;
  isPredicted: boolean;
}

async function runLab(own: readonly Cell[], { kind, run, commit, isPredicted }: LabRun, io: BenchIo): Promise<void> {
  const spec = labs[kind];
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-blast-radius-'));
  const prediction = await predictCells(spec, folder.path, io);
  const common = ({ number, lab, failure, tps }: Cell) => ({
    run,
    at: io.clock.now().toISOString(),
    commit,
    cell: number,
    lab,
    failure: failure.title,
    tps,
  });
  for (const cell of own) {
    const figures = prediction.figuresOf(cell);
    io.stderr.write(`predicted ${cell.number}, ${cell.failure.title} at ${cell.tps}: ${JSON.stringify(figures)}\n`);
    if (!isPredicted) await keepCellLine({ kind: 'predicted', ...common(cell), figures });
  }
  if (isPredicted) return;
  const broken = new Set<Cell>();
  try {
    await using lab = await startCellLab(kind);
    await using load = await startSteadyLoad(spec, lab.lab, lab.directory);
    const safeShare = readDefaultPolicy().limits['network-out'].value;
    await load.until(() => load.seconds.length > 0, 60, 'the load did not start');
    for (const cell of own) {
      io.signal.throwIfAborted();
      const { wholeAfterSeconds, measured, killed, failures, course, fullestCard } = await breakCell(cell, {
        load,
        plan: prediction.plan,
        directory: lab.directory,
        safeShare,
      });
      broken.add(cell);
      const grade = gradeCell(prediction.figuresOf(cell), measured, tpsOfDomains(cell.tps));
      io.stderr.write(
        `broken ${cell.number}: ${JSON.stringify({ killed, failures, fullestCard, wholeAfterSeconds, measured, grade })}\n`,
      );
      await keepCellLine({
        kind: 'broken',
        ...common(cell),
        killed,
        failures,
        course,
        fullestCard,
        figures: measured,
        ...(Number.isFinite(wholeAfterSeconds) && { wholeAfterSeconds }),
        grade,
      });
    }
  } catch (error) {
    // If a run is aborted, the cells that were not tested failed too.
    const reason = error instanceof Error ? error.message : String(error);
    for (const cell of own) if (!broken.has(cell)) await keepCellLine({ kind: 'failed', ...common(cell), reason });
    throw error;
  }
}

async function startCellLab(kind: BrokerKind) {
  const { directory, cache, io, remove } = await scratchLab('blast-radius');
  try {
    const nic = bitsPerSecond(nicBitsPerSecond);
    const site = { nic, directory, cache };
    const requests: Record<BrokerKind, LabRequest> = {
      kafka: { product: 'kafka', version: defaultKafkaVersion, brokers: 3, ...site },
      rocketmq: {
        product: 'rocketmq',
        version: defaultRocketmqVersion,
        mode: 'two-masters-two-slaves',
        nameServers: 2,
        ...site,
      },
    };
    const lab = await startScratchLab(requests[kind], io);
    await widenGenerator({ directory, configPath: lab.configPath }, nic, 4);
    return { lab, directory, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
