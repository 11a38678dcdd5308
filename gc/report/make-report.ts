// Builds the GC report document from figures: runs, totals and findings; does no I/O.

import type { Finding } from '../../core/documents/analysis.ts';
import { bySeverity } from '../../core/severity.ts';
import type { FiguresFold } from './figures-fold.ts';
import { findingsOf } from './findings/registry.ts';
import type { GcFigures } from './gc-figures.ts';
import { defined } from '../../core/defined.ts';
import type { GcReport, InputFile, Run, Step } from './gc-report.ts';
import type { BrokerKind } from '../../core/cluster.ts';

/** Additional parts with `--run`. */
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
  // The header is written when the JVM starts; a log that was enabled later has none.
  const startedAtMs = facts.startedAtMs ?? (facts.cpus === undefined ? undefined : covered.firstEpochMs);
  return defined({
    log: fold.log,
    collector: facts.collector,
    jvmVersion: facts.jvmVersion,
    startedAt: startedAtMs === undefined ? undefined : new Date(startedAtMs).toISOString(),
    uptimeSeconds: covered.lastUptimeSeconds ?? covered.seconds,
    ...fold.figures,
  });
}

/** Log file names in the start scripts of each broker. */
const names = {
  // bin/kafka-run-class.sh: $DAEMON_NAME$GC_FILE_SUFFIX, and kafka-server-start.sh -name kafkaServer
  kafka: /(?:kafka|zookeeper|connect)[^/]*-gc\.log/i,
  // bin/runbroker.sh, bin/runserver.sh; 4.2 to 4.4: mq_gc_
  rocketmq: /(?:rmq_(?:srv|broker|bk)|mq)_gc_/,
} as const satisfies Record<BrokerKind, RegExp>;

/** @returns undefined if the names match neither or both */
function brokerOf(paths: readonly string[]): BrokerKind | undefined {
  const kinds = (Object.keys(names) as BrokerKind[]).filter((kind) => paths.some((path) => names[kind].test(path)));
  return kinds.length === 1 ? kinds[0] : undefined;
}
