// Parses unified logging (JDK 9 and later): passes each line to the parser of its kind.

import { defined } from '../../../core/defined.ts';
import type { Moment, Stall } from '../gc-event.ts';
import type { OpenDialect } from '../parser.ts';
import { parseCpuLine, readDetail, readTableRow } from './collection-details.ts';
import { type ConcurrentLine, parsePhaseLine, parseZCycleLine } from './concurrent-line.ts';
import { messageStart, momentOf } from './decorations.ts';
import { createJvmTracker, type JvmTrackerState } from './jvm-tracker.ts';
import { isPartOfPause, parsePauseLine } from './pause-line.ts';
import { before, createPauses, noPauses, type PausesState } from './pauses.ts';
import { enteredOperation, parseSafepointLine, parseStoppedLine } from './safepoint-lines.ts';
import { isSilent, isSilentDetail } from './silent-lines.ts';
import { decimal } from '../quantity.ts';
import { figure } from './quantities.ts';

const space = 32;
const colon = 58;
const isDigit = (code: number) => code >= 48 && code <= 57;

export const openUnified: OpenDialect = (emit, restored) => {
  const state = stateFrom(restored);
  /** `operation`: of a safepoint, until the line with its duration is read. */
  let { operation, lastMoment, isDecorated } = state;
  let stampedLine = '';
  let stampEnd = 0;
  const pauses = createPauses(emit, state.pauses);
  const jvm = createJvmTracker(emit, state.jvm, () => {
    pauses.forget();
    operation = undefined;
  });

  const moment = (): Moment => momentOf(stampedLine, stampEnd);

  function latestMoment(): Moment | undefined {
    if (stampedLine !== '') {
      const latest = moment();
      if (latest.epochMs !== undefined || latest.uptimeSeconds !== undefined) lastMoment = latest;
      stampedLine = '';
    }
    return lastMoment;
  }

  function read(line: string): boolean {
    pauses.age();
    const messageAt = messageStart(line);
    if (messageAt > 0) {
      stampedLine = line;
      stampEnd = messageAt;
      isDecorated = true;
    } else if (isDecorated) {
      return readTorn(line, messageAt);
    }
    // A line that another writer interrupted contains a second line.
    if (line.indexOf('[', messageAt) !== -1 && tornTail(line, messageAt) !== undefined) {
      return readTorn(line, messageAt);
    }
    if (line.startsWith('GC(', messageAt)) return readOfCollection(line, messageAt);
    const message = line.slice(messageAt);
    return readOther(message) || isSilent(line, messageAt, message);
  }

  function readOfCollection(line: string, messageAt: number): boolean {
    let at = messageAt + 3;
    let gcId = 0;
    for (; isDigit(line.charCodeAt(at)); at++) gcId = gcId * 10 + line.charCodeAt(at) - 48;
    if (at === messageAt + 3 || at > messageAt + 13 || !line.startsWith(') ', at)) return false;
    at += 2;
    // Generational ZGC marks the generation: `y: `, `Y: ` within a major collection, `O: `.
    const isOfOld = line.startsWith('O: ', at);
    if (line.charCodeAt(at + 1) === colon && line.charCodeAt(at + 2) === space) at += 3;
    if (line.charCodeAt(at) === space) {
      if (line.startsWith('Promoted:', wordStart(line, at))) readTableRow(line.slice(at), pauses.detailsOf(gcId));
      return true;
    }
    const message = line.slice(at);
    if (message.startsWith('Allocated:') && !isOfOld) readTableRow(message, pauses.detailsOf(gcId));
    return readMessage(gcId, message) || isSilentDetail(line, messageAt, message);
  }

  function readMessage(gcId: number, message: string): boolean {
    switch (message.charCodeAt(0)) {
      case 80: // Pause, PSYoungGen, ParOldGen
        return message.startsWith('Pause ') ? readPause(gcId, message) : takeDetail(gcId, message);
      case 67: // Concurrent, CMS
        if (!message.startsWith('Concurrent ')) return takeDetail(gcId, message);
        return readConcurrent(gcId, message, parsePhaseLine(message));
      case 71: // Garbage Collection
      case 77: // Minor Collection, Major Collection
      case 89: // Young Generation
        return readConcurrent(gcId, message, parseZCycleLine(message));
      case 79: // Old Generation, Old regions
        return takeDetail(gcId, message) || readConcurrent(gcId, message, parseZCycleLine(message));
      case 72: // Humongous regions
      case 84: // Tenured, To-space exhausted
        return takeDetail(gcId, message);
      case 85: // User=… Sys=… Real=…
        return readCpu(gcId, message);
      case 65: // Allocation Stall
      case 82: // Relocation Stall
        return readStall(message);
      default:
        return false;
    }
  }

  function readPause(gcId: number, message: string): boolean {
    const pause = parsePauseLine(message);
    if (pause === undefined && isPartOfPause(message)) return true;
    if (pause === undefined && !isStart(message)) return false;
    const at = moment();
    jvm.follow(at, numbersFollow(message) ? gcId : undefined);
    if (pause === undefined) {
      pauses.begin(gcId);
      return true;
    }
    jvm.learnFromEvent(pause);
    pauses.end(gcId, pause, at, jvm.regionBytes());
    return true;
  }

  function readConcurrent(gcId: number, message: string, ended: ConcurrentLine | undefined): boolean {
    const details = pauses.detailsOf(gcId);
    if (ended === undefined) {
      if (message.startsWith('Concurrent Mark Abort')) details.isAborted = true;
      return isStart(message);
    }
    const at = moment();
    jvm.follow(at);
    jvm.learnFromEvent(ended);
    const isTableEnd = ended.type === 'Young Generation' || ended.type === 'Garbage Collection';
    const { promotedBytes, allocatedBytes } = details;
    if (isTableEnd) {
      delete details.promotedBytes;
      delete details.allocatedBytes;
    }
    emit({
      kind: 'concurrent',
      gcId,
      start: before(at, ended.durationSeconds ?? 0),
      ...ended,
      aborted: ended.aborted || (ended.isCycle && details.isAborted === true),
      ...(isTableEnd && defined({ promotedBytes, allocatedBytes })),
    });
    return true;
  }

  function takeDetail(gcId: number, message: string): boolean {
    if (!readDetail(message, pauses.detailsOf(gcId))) return false;
    jvm.learnFromDetail(message);
    return true;
  }

  function readCpu(gcId: number, message: string): boolean {
    const cpu = parseCpuLine(message);
    if (cpu !== undefined) pauses.addCpu(gcId, cpu);
    return cpu !== undefined;
  }

  function readStall(message: string): boolean {
    const stall = parseStall(message);
    if (stall === undefined) return false;
    const at = moment();
    jvm.follow(at);
    emit({ kind: 'stall', start: before(at, stall.durationSeconds), ...stall });
    return true;
  }

  function readOther(message: string): boolean {
    switch (message.charCodeAt(0)) {
      case 83: // Safepoint "…"
        return readStop(parseSafepointLine(message));
      case 84: // Total time for which application threads were stopped
        return readStop(parseStoppedLine(message, operation));
      case 69: // Entering safepoint region
        operation = enteredOperation(message) ?? operation;
        return false;
      case 65: // Allocation Stall
      case 82: // Relocation Stall
        return readStall(message);
      default:
        return jvm.readFacts(message, moment) || readDropped(message);
    }
  }

  function readStop(stop: ReturnType<typeof parseSafepointLine>): boolean {
    if (stop === undefined) return false;
    operation = undefined;
    const at = moment();
    jvm.follow(at);
    emit({ kind: 'stop', start: before(at, stop.totalSeconds), ...stop });
    return true;
  }

  function readDropped(message: string): boolean {
    const amount = parseDropped(message);
    if (amount === undefined) return false;
    emit({ kind: 'notice', code: 'messages-dropped', at: moment(), amount });
    return true;
  }

  function readTorn(line: string, messageAt: number): boolean {
    const tail = tornTail(line, messageAt);
    if (tail === undefined) return false;
    emit({ kind: 'notice', code: 'torn-record', at: latestMoment() ?? {}, amount: 1 });
    return read(tail);
  }

  return {
    read,
    settle: pauses.release,
    finish: pauses.release,
    lastMoment: latestMoment,
    state: (): UnifiedState => ({
      pauses: pauses.state(),
      jvm: jvm.state(),
      isDecorated,
      ...defined({ operation, lastMoment: latestMoment() }),
    }),
  };
};

/** Returns the start of an indented message. */
function wordStart(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === space) at += 1;
  return at;
}

const numbersFollow = (message: string): boolean =>
  message.startsWith('Young', 6) || message.startsWith('Full', 6) || message.startsWith('Mixed', 6);

/** Matches the complete line at the end of a line that another writer interrupted. */
const decorated = /(?:\[[^[\]]{0,80}\]){1,12} GC\(\d{1,10}\) [^[]{1,400}$/;

function tornTail(line: string, messageAt: number): string | undefined {
  const from = Math.max(messageAt, line.length - 1500);
  const at = line.slice(from).search(decorated);
  return at === -1 || from + at === 0 ? undefined : line.slice(from + at);
}

/** State between lines: plain JSON, so that it can be stored across a restart. */
interface UnifiedState {
  pauses: PausesState;
  jvm: JvmTrackerState;
  operation?: string;
  isDecorated: boolean;
  lastMoment?: Moment;
}

/** Returns a copy, so that the reader does not modify the caller's object. */
function stateFrom(state: unknown): UnifiedState {
  const kept = structuredClone(state) as Partial<UnifiedState> | null | undefined;
  return {
    pauses: { ...noPauses(), ...kept?.pauses },
    jvm: { runs: {}, facts: {}, ...kept?.jvm },
    isDecorated: kept?.isDecorated ?? false,
    ...defined({ operation: kept?.operation, lastMoment: kept?.lastMoment }),
  };
}

/** Thread names may contain brackets. */
const stall = new RegExp(String.raw`^((?:Allocation|Relocation) Stall) \(.{0,200}\) (${figure}) ?ms\s*$`);

function parseStall(message: string): Omit<Stall, 'kind' | 'start'> | undefined {
  const [, type, ms] = stall.exec(message) ?? [];
  return type === undefined || ms === undefined ? undefined : { type, durationSeconds: decimal(ms) / 1e3 };
}

const dropped = /^\s*(\d{1,15}) messages dropped due to async logging/;

function parseDropped(message: string): number | undefined {
  const amount = dropped.exec(message)?.[1];
  return amount === undefined ? undefined : Number(amount);
}

/** Matches a name with brackets, without a number. */
const start = /^[A-Z][A-Za-z -]{1,60}(?: \([^()]{0,80}(?:\(\)[^()]{0,80})?\)){0,4}\s*$/;

/** Parses the shortest lines: stall of one thread, dropped messages, start of a phase. */
const isStart = (message: string): boolean => start.test(message);
