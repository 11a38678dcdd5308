// Defines the interfaces of the parser: chunks of bytes go in, typed events come out.

import type { GcEvent, Moment } from './gc-event.ts';

export interface GcLogSink {
  event(event: GcEvent): void;
  /** A complete line of unknown shape; known lines without GC information are not passed here. */
  unparsed(line: string): void;
}

export interface GcLogCheckpoint {
  /** Of all bytes pushed since offset 0 of this log; the last incomplete line is not among them. */
  consumedBytes: number;
  state: unknown;
}

/** One way JVMs write: unified logging since 9, text before it. The parser chooses per stretch of the file. */
export interface GcLogDialect {
  /** One line without its end. @returns false when the line has no known shape */
  read(line: string): boolean;
  /** No line is there now: what needs no further line is emitted. Absent: nothing ever waits for such a line. */
  settle?(): void;
  /** No more lines of this dialect follow: open records are emitted or given up. */
  finish(): void;
  lastMoment(): Moment | undefined;
  /** Plain JSON. */
  state(): unknown;
}

/** @param state of an earlier dialect object, to continue from. Never throws: unknown state is discarded */
export type OpenDialect = (emit: (event: GcEvent) => void, state?: unknown) => GcLogDialect;
