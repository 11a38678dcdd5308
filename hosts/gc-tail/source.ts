// Parses the files of one JVM option in order with one parser, and adds events to the totals.

import { z } from 'zod';
import type { GcLogTotals } from '../../core/documents/evidence/gc-log-reading.ts';
import type { GcEvent } from '../../gc/log/gc-event.ts';
import { createGcLogParser } from '../../gc/log/gc-log-parser.ts';
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

export type Source = ReturnType<typeof createSource>;

/**
 * @param totals receives the events.
 * @param kept state of an earlier source.
 * @param onEvent called with each event
 */
export function createSource(name: string, totals: GcLogTotals, { kept, onEvent }: SourceOptions = {}) {
  /** The content being read. */
  let current: Content | undefined;
  const jvm = kept?.jvm ?? newJvm();
  let pushedBytes = kept?.parser.consumedBytes ?? 0;
  const parser = createGcLogParser(
    {
      event: (event) => {
        addEvent(totals, jvm, event);
        onEvent?.(event);
      },
      unparsed: () => (totals.unparsedLines += 1),
    },
    kept?.parser,
  );

  function pushBytes(bytes: Uint8Array): void {
    parser.push(bytes);
    pushedBytes += bytes.length;
  }

  return {
    name,
    isGcLog: parser.isGcLog,
    /** @param bytes next bytes of the content, from the current read position */
    push(content: Content, bytes: Uint8Array): void {
      // The next file does not continue an incomplete line of the previous file.
      if (current !== content && pushedBytes > parser.checkpoint().consumedBytes) pushBytes(lineFeed);
      current = content;
      pushBytes(bytes);
      content.offset += bytes.length;
    },
    /** Call after reading everything: a killed JVM writes no more, and totals do not need the CPU time of a pause. */
    settle: parser.settle,
    /** Ends the source: an open record is emitted or dropped. */
    end: parser.end,
    /**
     * Also returns the offset from which to read each content again: an incomplete last line is not part of the parser's
     * state.
     */
    keep(): { state: SourceState; offsetOf(content: Content): number } {
      const checkpoint = parser.checkpoint();
      const rest = pushedBytes - checkpoint.consumedBytes;
      return {
        state: { name, parser: checkpoint, jvm: structuredClone(jvm) },
        offsetOf: (content) => content.offset - (content === current ? rest : 0),
      };
    },
  };
}
