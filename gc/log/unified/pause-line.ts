// Parses the last line of a pause: `Pause Young (Mixed) (G1 Evacuation Pause) 121M->112M(128M) 1.242ms`.

import type { HeapChange, Pause } from '../gc-event.ts';
import { bytesBetween, decimal, figureEnd, sizeEnd } from '../quantity.ts';

export interface PauseLine extends Pick<Pause, 'type' | 'cause' | 'heap' | 'durationSeconds'> {
  evacuationFailed: boolean;
}

const space = 32;
const closeBracket = 41;
const tilde = 126;

/** Matches the text before the numbers: name, kinds, cause and remarks. */
const head = /^Pause [A-Z][A-Za-z ]{0,40}?(?: \([^()]{0,80}(?:\(\)[^()]{0,80})?\)){0,4}$/;

/** Brackets that belong to the name; other brackets are the cause. */
const kinds = new Set(['Normal', 'Concurrent Start', 'Prepare Mixed', 'Mixed', 'Major', 'Young', 'Old', 'Global']);

/** Additional actions of Shenandoah, which are neither kind nor cause. */
const remarks = new Set(['unload classes', 'process weakrefs', 'update refs']);

/** Parses from the end, where the numbers are: the rest is one of a few known heads. */
export function parsePauseLine(message: string): PauseLine | undefined {
  const figuresEnd = beforeUnit(message);
  const durationAt = message.lastIndexOf(' ', figuresEnd - 1) + 1;
  if (durationAt === 0 || figureEnd(message, durationAt) !== figuresEnd) return undefined;
  const heap = heapBefore(message, durationAt - 1);
  const meaning = meaningOf(message.slice(0, heap?.from ?? durationAt - 1));
  if (meaning === undefined || meaning.isPart) return undefined;
  const { type, cause, evacuationFailed } = meaning;
  const line: PauseLine = {
    type,
    evacuationFailed,
    durationSeconds: decimal(message, durationAt, figuresEnd) / 1e3,
  };
  if (cause !== undefined) line.cause = cause;
  if (heap !== undefined) line.heap = heap.change;
  return line;
}

/** @returns index of `ms` or ` ms` at the end; 0 if absent */
function beforeUnit(message: string): number {
  let end = message.length;
  if (message.charCodeAt(end - 1) <= space || message.charCodeAt(end - 1) > tilde) end = message.trimEnd().length;
  if (!message.startsWith('ms', end - 2)) return 0;
  return message.charCodeAt(end - 3) === space ? end - 3 : end - 2;
}

/** @returns sizes of ` 3M->1M(64M)` that end at `to`, and the index of its space */
function heapBefore(message: string, to: number): { from: number; change: HeapChange } | undefined {
  if (message.charCodeAt(to - 1) !== closeBracket) return undefined;
  const from = message.lastIndexOf(' ', to - 1);
  const beforeEnd = sizeEnd(message, from + 1);
  if (from === -1 || beforeEnd === undefined || !message.startsWith('->', beforeEnd)) return undefined;
  const afterEnd = sizeEnd(message, beforeEnd + 2);
  if (afterEnd === undefined || !message.startsWith('(', afterEnd)) return undefined;
  if (sizeEnd(message, afterEnd + 1) !== to - 1) return undefined;
  return {
    from,
    change: {
      beforeBytes: bytesBetween(message, from + 1, beforeEnd),
      afterBytes: bytesBetween(message, beforeEnd + 2, afterEnd),
      committedBytes: bytesBetween(message, afterEnd + 1, to - 1),
    },
  };
}

/** At debug level, ZGC of JDK 11 logs parts of pauses like pauses: `Pause Roots (ZWorker#0) 0.2ms`. */
export const isPartOfPause = (message: string): boolean => /\((?:VM Thread|ZWorker#\d{1,6})\)/.test(message);

type Meaning = Pick<PauseLine, 'type' | 'cause' | 'evacuationFailed'> & { isPart: boolean };

/** Cache: there are few names and causes, and a substring would keep its source text in memory. */
const meanings = new Map<string, Meaning>();
const mostMeanings = 500;

function meaningOf(text: string): Meaning | undefined {
  const known = meanings.get(text);
  if (known !== undefined) return known;
  if (!head.test(text)) return undefined;
  const kept = detached(text);
  const meaning = read(kept);
  if (meanings.size < mostMeanings) meanings.set(kept, meaning);
  return meaning;
}

const detached = (text: string) => Buffer.from(text, 'latin1').toString('latin1');

/**
 * JDK 22 and later log the reason: `Allocation`, `Pinned` (objects that native code holds in place) or `Allocation /
 * Pinned`.
 */
const hadNoSpace = (failure: string): boolean => failure === 'Evacuation Failure' || failure.includes('Allocation');

function read(text: string): Meaning {
  const [type = text] = text.split(' (', 1);
  const meaning: Meaning = { type, evacuationFailed: false, isPart: isPartOfPause(text) };
  for (const [, inside = ''] of text.matchAll(/ \(((?:[^()]|\(\))*)\)/g)) {
    if (inside.startsWith('Evacuation Failure')) meaning.evacuationFailed = hadNoSpace(inside);
    else if (kinds.has(inside)) meaning.type += ` (${inside})`;
    else if (!remarks.has(inside)) meaning.cause = inside;
  }
  return meaning;
}
