// Shows on a terminal or in a log how far a reassignment is.

import type { ReassignView } from '../../app/change/reassign/carry-on.ts';
import { lineWriter } from '../../app/line-writer.ts';
import type { Progress } from '../../ops/kafka/execute/run.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { progressBar } from '../progress-bar.ts';
import { progressLine } from '../progress-line.ts';
import type { ReassignIo } from './reassign-options.ts';

export function reassignView(io: Pick<ReassignIo, 'clock' | 'stderr' | 'environment'>): ReassignView {
  const line = progressLine(io.stderr);
  const tell = lineWriter(io);
  let shown = '';
  const begun = io.clock.monotonic();
  return {
    tell(text) {
      line.clear();
      tell(text);
    },
    progress(progress) {
      const text = progressText(progress, io, io.clock.monotonic() - begun);
      // A log is not filled with the same line.
      if (io.stderr.isTerminal || text.key !== shown) line.show(text.line);
      shown = text.key;
    },
    clear: () => line.clear(),
  };
}

function progressText(
  { replicas, bytes, moving, throttleBytesPerSecond, held }: Progress,
  { stderr, environment }: Pick<ReassignIo, 'stderr' | 'environment'>,
  elapsed: number,
): { line: string; key: string } {
  const share = bytes.all > 0 ? bytes.done / bytes.all : replicas.all > 0 ? replicas.done / replicas.all : 1;
  const isPlain = !knowsUnicode(environment);
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
