// Defines the parser's interfaces, which convert chunks of bytes to typed events.

import type { GcEvent, Moment } from './gc-event.ts';

export interface GcLogSink {
  event(event: GcEvent): void;
  /** Called with a complete line of unknown shape; not with known lines without GC information. */
  unparsed(line: string): void;
}

export interface GcLogCheckpoint {
  /** Bytes consumed since offset 0 of this log, without the incomplete last line. */
  consumedBytes: number;
  state: unknown;
}

/** Log format of JVMs: unified logging since JDK 9, text before. The parser selects it for each part of the file. */
export interface GcLogDialect {
  /** Reads one line without its end. @returns false if the line has no known shape */
  read(line: string): boolean;
  /** Called when no more lines are available now: emits what needs no further line. Absent if nothing ever waits. */
  settle?(): void;
  /** Called when no more lines of this dialect follow: open records are emitted or dropped. */
  finish(): void;
  lastMoment(): Moment | undefined;
  /** Returns plain JSON. */
  state(): unknown;
}

/** @param state state of an earlier dialect object to continue from. Never throws: unknown state is discarded */
export type OpenDialect = (emit: (event: GcEvent) => void, state?: unknown) => GcLogDialect;
