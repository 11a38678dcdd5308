// Executes or resumes a reassignment for a command, and shows its progress.

import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { carryOut, type Outcome } from '../../ops/kafka/execute/carry-out.ts';
import type { HeldJournal } from '../../ops/change/held-journal.ts';
import type { ReassignJournal } from '../../ops/kafka/execute/reassign-facts.ts';
import type { Progress } from '../../ops/kafka/execute/run.ts';
import type { ReassignIo } from './reassign-options.ts';
import { readUnread } from './read-unread.ts';
import { watchLatency } from './write-latency.ts';
import { progressBar } from '../progress-bar.ts';
import { progressLine } from '../progress-line.ts';

/** @throws AppError change-stopped; the signal's reason */
export async function carryOn(
  io: ReassignIo,
  changes: KafkaChanges,
  state: ReassignJournal,
  held: HeldJournal,
  { path, config }: { path: string; config: KafkaClusterConfig },
): Promise<Outcome> {
  const line = progressLine(io.stderr);
  let shown = '';
  const begun = io.clock.monotonic();
  try {
    await using writes = watchLatency(io, { name: state.cluster, config });
    const outcome = await carryOut({
      changes,
      state,
      clock: io.clock,
      signal: io.signal,
      ...held,
      ...(writes.latencies && { latencies: writes.latencies }),
      unread: (retention) => readUnread(io, { name: state.cluster, config }, changes, retention),
      tell(words) {
        line.clear();
        io.stderr.write(`${words}\n`);
      },
      progress(progress) {
        const text = progressText(progress, io, io.clock.monotonic() - begun);
        // A log is not filled with the same line.
        if (io.stderr.isTerminal || text.key !== shown) line.show(text.line);
        shown = text.key;
      },
    });
    line.clear();
    return outcome;
  } catch (cause) {
    line.clear();
    // Otherwise something was left over, and the error names it.
    if (io.signal.aborted && cause === io.signal.reason) {
      io.stderr.write(
        `No replica of this change is copied any more, and throttles and retention are as before. Continue with --resume or go back with --abort; ${path} has the state.\n`,
      );
    }
    throw cause;
  }
}

function progressText(
  { replicas, bytes, moving, throttleBytesPerSecond, held }: Progress,
  { stderr, environment }: Pick<ReassignIo, 'stderr' | 'environment'>,
  elapsed: number,
): { line: string; key: string } {
  const share = bytes.all > 0 ? bytes.done / bytes.all : replicas.all > 0 ? replicas.done / replicas.all : 1;
  const isPlain = !/UTF-?8/i.test(environment['LC_ALL'] ?? environment['LC_CTYPE'] ?? environment['LANG'] ?? '');
  const bar = stderr.isTerminal ? progressBar(share, stderr.columns, { isPlain }) : undefined;
  const percent = `${Math.floor(100 * share)}%`;
  const count = `${replicas.done} of ${replicas.all} replicas`;
  const rate = throttleBytesPerSecond === undefined ? '' : `, throttle ${throttleBytesPerSecond} bytes/s`;
  const waits = held === undefined ? '' : `, waits: ${held}`;
  const key = `${percent} ${count}${waits}`;
  return {
    line: [bar, `${percent}, ${count}, ${moving} move${rate}, ${Math.round(elapsed)} s${waits}`]
      .filter(Boolean)
      .join(' '),
    key,
  };
}
