// Parses one GC log of any dialect: splits bytes into lines and passes each part to its dialect.

import type { GcLogCheckpoint, GcLogDialect, GcLogSink, OpenDialect } from './parser.ts';
import { openLegacy } from './legacy/legacy.ts';
import { looksLegacy } from './legacy/line-shapes.ts';
import { openUnified } from './unified/unified.ts';
import { messageStart, momentOf, tagsOf } from './unified/decorations.ts';

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

  /** Start of a line; one character per byte, so that bytes of broken UTF-8 can be counted. */
  let rest = '';
  /** Bytes of an unfinished line that is too long. */
  let { droppedBytes } = resumed;

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

  function split(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      endLine(text.slice(from, end));
      from = end + 1;
    }
    keep(text.slice(from));
  }

  function endLine(last: string): void {
    const length = droppedBytes + rest.length + last.length;
    if (length > longestLine) tooLong(length);
    else line(withoutReturn(rest === '' ? last : rest + last));
    rest = '';
    droppedBytes = 0;
  }

  function keep(start: string): void {
    rest = rest === '' ? start : rest + start;
    if (droppedBytes === 0 && rest.length <= longestLine) return;
    droppedBytes += rest.length;
    rest = '';
  }

  return {
    /** Emits the same events for any split of the bytes. */
    push(bytes: Uint8Array): void {
      pushedBytes += bytes.length;
      for (let from = 0; from < bytes.length; from += pieceBytes) {
        split(textOf(bytes.subarray(from, from + pieceBytes)));
      }
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
      consumedBytes: pushedBytes - rest.length,
      state: structuredClone<State>({
        droppedBytes,
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

/** Matches first messages of such a JVM without decorations. */
const bareMessage =
  /^(?:GC\(\d+\) |Using (?:G1|Serial|Parallel|Concurrent Mark Sweep|Epsilon|Shenandoah|The Z Garbage Collector)\b|Safepoint "|Initializing The Z Garbage Collector|CardTable entry size: |Entering safepoint region: |Heap region size: |Regions: \d|Heuristics ergonomically |Min heap equals )/;

const gcTags = /^(?:gc|safepoint)(?:,|$)/;

/** Recognizes a line of unified JVM logging. */
function looksUnified(line: string): boolean {
  const messageAt = messageStart(line);
  if (messageAt === 0) return bareMessage.test(line);
  if (gcTags.test(tagsOf(line, messageAt) ?? '')) return true;
  return bareMessage.test(line.slice(messageAt)) || isStamped(line, messageAt);
}

function isStamped(line: string, messageAt: number): boolean {
  const { epochMs, uptimeSeconds } = momentOf(line, messageAt);
  return epochMs !== undefined || uptimeSeconds !== undefined;
}

/** A heap table or a list of flags is far shorter; a longer line is not from a GC log. */
export const longestLine = 64 * 1024;

/**
 * Bytes decoded at once. Objects that survive a young collection are promoted and stay long: for a log of 60 MB, chunks
 * of 1 MiB took 60 MB more memory than small ones (Node 24).
 */
const pieceBytes = 4 * 1024;

/** A crash of the machine or a truncated file leaves NULs in place of text: they end the line before them. */
function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('latin1');
  return buffer.includes(0) ? text.replaceAll('\0', '\n') : text;
}

const withoutReturn = (line: string) => (line.charCodeAt(line.length - 1) === 13 ? line.slice(0, -1) : line);
