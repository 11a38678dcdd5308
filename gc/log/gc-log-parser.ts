// Parses one GC log of any dialect: splits bytes into lines and passes each part to its dialect.

import type { GcLogCheckpoint, GcLogDialect, GcLogSink, OpenDialect } from './parser.ts';
import { LineSplitter } from './line-splitter.ts';
import { openLegacy } from './legacy/legacy.ts';
import { looksLegacy } from './legacy/line-shapes.ts';
import { looksUnified } from './unified/looks-unified.ts';
import { openUnified } from './unified/unified.ts';

interface State {
  dialect?: { name: DialectName; state: unknown };
  droppedBytes: number;
}

export type GcLogParser = ReturnType<typeof createGcLogParser>;

/** @param checkpoint state of an earlier parser of the same log; push the bytes after `consumedBytes` next */
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
    // A JDK 8 record spans lines and would absorb those of a newer JVM.
    const isTaken = active?.name === 'legacy' && dialects.unified.looksAlike(text);
    if (active !== undefined && !isTaken && active.dialect.read(text)) return true;
    const name = dialectOf(text);
    return name !== undefined && name !== active?.name && open(name).read(text);
  }

  function tooLong(bytes: number): void {
    sink.event({ kind: 'notice', code: 'record-too-long', at: active?.dialect.lastMoment() ?? {}, amount: bytes });
  }

  return {
    /** Emits the same events for any split of the bytes. */
    push(bytes: Uint8Array): void {
      pushedBytes += bytes.length;
      splitter.push(bytes);
    },
    /** Call after pushing all available bytes: emits a pause that only waits for its line with CPU time. */
    settle(): void {
      active?.dialect.settle?.();
    },
    /** Call at the final end of the file: drops an open record and an incomplete last line. */
    end(): void {
      active?.dialect.finish();
    },
    /** Returns the latest timestamp of any line. */
    lastMoment: () => active?.dialect.lastMoment(),
    /** Returns whether any line of a GC log was seen, of any JVM. */
    isGcLog: () => active !== undefined,
    /**
     * Returns everything needed to continue after `consumedBytes`: plain JSON of limited size. A parser created from it
     * and given the following bytes emits the same events as this one would.
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

/** A checkpoint may be from another version: unknown state is discarded. */
function stateOf(checkpoint: GcLogCheckpoint | undefined): State {
  const state = checkpoint?.state as Partial<State> | null | undefined;
  const name = dialectNames.find((known) => known === state?.dialect?.name);
  return {
    droppedBytes: typeof state?.droppedBytes === 'number' ? state.droppedBytes : 0,
    ...(name !== undefined && { dialect: { name, state: state?.dialect?.state } }),
  };
}

const dialects = {
  unified: { looksAlike: looksUnified, open: openUnified },
  legacy: { looksAlike: looksLegacy, open: openLegacy },
} satisfies Record<string, { looksAlike(line: string): boolean; open: OpenDialect }>;

type DialectName = keyof typeof dialects;

/** Lists the GC log dialects and detects the dialect of a line. */
const dialectNames = Object.keys(dialects) as DialectName[];

const dialectOf = (line: string): DialectName | undefined =>
  dialectNames.find((name) => dialects[name].looksAlike(line));
