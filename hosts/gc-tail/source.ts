// Parses the files of one JVM option in order with one parser, and adds events to the totals.

import { z } from 'zod';
import type { GcLogTotals } from '../../core/documents/evidence/gc-log-reading.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import { createGcLogParser, type GcLogParser } from '../../gc/log/gc-log-parser.ts';
import type { Content } from './contents.ts';
import { addEvent, JvmState, newJvm } from './totals.ts';

export const SourceState = z.strictObject({
  name: z.string(),
  /** Parser state; the parser validates it. */
  parser: z.strictObject({ consumedBytes: z.number().int().nonnegative(), state: z.unknown() }),
  jvm: JvmState,
});
export type SourceState = z.infer<typeof SourceState>;

interface SourceOptions {
  kept?: SourceState;
  onEvent?: ((event: GcEvent) => void) | undefined;
}

const lineFeed = Uint8Array.of(10);

export class Source {
  readonly name: string;
  /** The content being read. */
  current: Content | undefined;
  readonly #jvm: JvmState;
  readonly #parser: GcLogParser;
  #pushedBytes: number;

  /**
   * @param totals receives the events.
   * @param kept state of an earlier source.
   * @param onEvent called with each event
   */
  constructor(name: string, totals: GcLogTotals, { kept, onEvent }: SourceOptions = {}) {
    this.name = name;
    this.#jvm = kept?.jvm ?? newJvm();
    this.#pushedBytes = kept?.parser.consumedBytes ?? 0;
    this.#parser = createGcLogParser(
      {
        event: (event) => {
          addEvent(totals, this.#jvm, event);
          onEvent?.(event);
        },
        unparsed: () => (totals.unparsedLines += 1),
      },
      kept?.parser,
    );
  }

  get isGcLog(): boolean {
    return this.#parser.isGcLog();
  }

  /** @param bytes next bytes of the content, from the current read position */
  push(content: Content, bytes: Uint8Array): void {
    // The next file does not continue an incomplete line of the previous file.
    if (this.current !== content && this.#restBytes() > 0) this.#pushBytes(lineFeed);
    this.current = content;
    this.#pushBytes(bytes);
    content.offset += bytes.length;
  }

  /** Call after reading everything: a killed JVM writes no more, and totals do not need the CPU time of a pause. */
  settle(): void {
    this.#parser.settle();
  }

  /** Ends the source: an open record is emitted or dropped. */
  end(): void {
    this.#parser.end();
  }

  /**
   * Also returns the offset from which to read each content again: an incomplete last line is not part of the parser's
   * state.
   */
  keep(): { state: SourceState; offsetOf(content: Content): number } {
    const parser = this.#parser.checkpoint();
    const rest = this.#pushedBytes - parser.consumedBytes;
    return {
      state: { name: this.name, parser, jvm: structuredClone(this.#jvm) },
      offsetOf: (content) => content.offset - (content === this.current ? rest : 0),
    };
  }

  #pushBytes(bytes: Uint8Array): void {
    this.#parser.push(bytes);
    this.#pushedBytes += bytes.length;
  }

  #restBytes(): number {
    return this.#pushedBytes - this.#parser.checkpoint().consumedBytes;
  }
}
