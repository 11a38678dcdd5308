// Defines the interfaces of the parser: chunks of bytes go in, typed events come out.

import type { GcEvent, Moment } from './gc-event.ts';

export interface GcLogSink {
  event(event: GcEvent): void;
  /** A complete line of unknown shape; known lines without GC information are not passed here. */
  unparsed(line: string): void;
}

export interface GcLogParser {
  /** Any split of the bytes gives the same events. */
  push(bytes: Uint8Array): void;
  /** All that is there now was pushed: a pause is emitted that waits only for the line with its processor time. */
  settle(): void;
  /** The file has ended for good: an open record is given up, and a last line without its end is no event. */
  end(): void;
  /** The latest stamp read, of any line. */
  lastMoment(): Moment | undefined;
  /** Whether a line of a GC log has been seen, of any JVM. */
  isGcLog(): boolean;
  /**
   * Everything needed to continue after `consumedBytes` of what was pushed: plain JSON of bounded size. A parser made from it
   * and given the bytes from there on emits what this one would have emitted next.
   */
  checkpoint(): GcLogCheckpoint;
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
