// Parses one GC log of any dialect: splits bytes into lines and passes each stretch to its dialect.

import type { GcLogCheckpoint, GcLogDialect, GcLogSink } from './parser.ts';
import { dialectNames, dialectOf, dialects, type DialectName } from './dialects.ts';
import { LineSplitter } from './line-splitter.ts';

interface State {
  dialect?: { name: DialectName; state: unknown };
  droppedBytes: number;
}

export type GcLogParser = ReturnType<typeof createGcLogParser>;

/** @param checkpoint of an earlier parser of the same log; the bytes after `consumedBytes` come next */
export function createGcLogParser(sink: GcLogSink, checkpoint?: GcLogCheckpoint) {
  const resumed = stateOf(checkpoint);
  let pushedBytes = checkpoint?.consumedBytes ?? 0;
  let active: { name: DialectName; dialect: GcLogDialect } | undefined;
  if (resumed.dialect !== undefined) open(resumed.dialect.name, resumed.dialect.state);

  const splitter = new LineSplitter({ line, tooLong }, resumed.droppedBytes);

  function open(name: DialectName, state?: unknown): GcLogDialect {
    active?.dialect.finish();
    const dialect = dialects[name].open(sink.event, state);
    active = { name, dialect };
    return dialect;
  }

  function line(text: string): void {
    if (text === '' || isRead(text)) return;
    sink.unparsed(Buffer.from(text, 'latin1').toString('utf8'));
  }

  function isRead(text: string): boolean {
    // A record of JDK 8 spans lines and would take those of a newer JVM for its own.
    const isTaken = active?.name === 'legacy' && dialects.unified.looksAlike(text);
    if (active !== undefined && !isTaken && active.dialect.read(text)) return true;
    const name = dialectOf(text);
    return name !== undefined && name !== active?.name && open(name).read(text);
  }

  function tooLong(bytes: number): void {
    sink.event({ kind: 'notice', code: 'record-too-long', at: active?.dialect.lastMoment() ?? {}, amount: bytes });
  }

  return {
    /** Any split of the bytes gives the same events. */
    push(bytes: Uint8Array): void {
      pushedBytes += bytes.length;
      splitter.push(bytes);
    },
    /** All that is there now was pushed: a pause is emitted that waits only for the line with its processor time. */
    settle(): void {
      active?.dialect.settle?.();
    },
    /** The file has ended for good: an open record is given up, and a last line without its end is no event. */
    end(): void {
      active?.dialect.finish();
    },
    /** The latest stamp read, of any line. */
    lastMoment: () => active?.dialect.lastMoment(),
    /** Whether a line of a GC log has been seen, of any JVM. */
    isGcLog: () => active !== undefined,
    /**
     * Everything needed to continue after `consumedBytes` of what was pushed: plain JSON of bounded size. A parser made from it
     * and given the bytes from there on emits what this one would have emitted next.
     */
    checkpoint: (): GcLogCheckpoint => ({
      consumedBytes: pushedBytes - splitter.restBytes,
      state: structuredClone<State>({
        droppedBytes: splitter.droppedBytes,
        ...(active && { dialect: { name: active.name, state: active.dialect.state() } }),
      }),
    }),
  };
}

/** A checkpoint may be of another version: unknown state is discarded. */
function stateOf(checkpoint: GcLogCheckpoint | undefined): State {
  const state = checkpoint?.state as Partial<State> | null | undefined;
  const name = dialectNames.find((known) => known === state?.dialect?.name);
  return {
    droppedBytes: typeof state?.droppedBytes === 'number' ? state.droppedBytes : 0,
    ...(name !== undefined && { dialect: { name, state: state?.dialect?.state } }),
  };
}
