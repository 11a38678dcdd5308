// Makes the document of a GC report from figures: runs, sums and findings; no I/O.

import { bySeverity, type Finding } from '../../core/documents/analysis.ts';
import { brokerOf } from './broker-of-log.ts';
import type { FiguresFold } from './figures-fold.ts';
import { findingsOf } from './findings/registry.ts';
import type { GcFigures } from './gc-figures.ts';
import { defined } from '../../core/defined.ts';
import type { GcReport, InputFile, Run, Step } from './gc-report.ts';

/** What `--run` adds. */
export interface StepReport {
  steps: readonly Step[];
  findings: readonly Finding[];
}

export function makeReport(gc: GcFigures, files: readonly InputFile[], run?: StepReport): GcReport {
  const paths = files.map(({ path }) => path);
  const { figures } = gc.total;
  const own = findingsOf({ fold: gc.total, figures, runs: gc.runs, broker: brokerOf(paths), paths });
  return {
    schemaVersion: 1,
    files: [...files],
    runs: gc.runs.map(runOf),
    ...figures,
    findings: run === undefined ? own : [...own, ...run.findings].toSorted(bySeverity),
    ...(run && { steps: [...run.steps] }),
  };
}

function runOf(fold: FiguresFold): Run {
  const { facts, covered } = fold;
  // A header is written as the JVM starts; a log switched on later has none.
  const startedAtMs = facts.startedAtMs ?? (facts.cpus === undefined ? undefined : covered.firstEpochMs);
  return {
    ...defined({
      log: fold.log,
      collector: facts.collector,
      jvmVersion: facts.jvmVersion,
      startedAt: startedAtMs === undefined ? undefined : new Date(startedAtMs).toISOString(),
      uptimeSeconds: covered.lastUptimeSeconds ?? covered.seconds,
    }),
    ...fold.figures,
  };
}
