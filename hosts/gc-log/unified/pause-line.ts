// What does the line say with which a pause ends? `Pause Young (Mixed) (G1 Evacuation Pause) 121M->112M(128M) 1.242ms`

import type { HeapChange } from '../gc-event.ts';
import { bytesOf, decimal, figure, size } from './quantities.ts';

export interface PauseLine {
  type: string;
  cause?: string;
  evacuationFailed: boolean;
  heap?: HeapChange;
  durationSeconds: number;
}

const pauseEnd = new RegExp(
  String.raw`^(Pause [A-Z][A-Za-z ]{0,40}?(?: \([^()]{0,80}(?:\(\)[^()]{0,80})?\)){0,4})(?: ${size}->${size}\(${size}\))? (${figure}) ?ms\s*$`,
);

/** What belongs to the name; everything else in brackets is the cause. */
const kinds = new Set(['Normal', 'Concurrent Start', 'Prepare Mixed', 'Mixed', 'Major', 'Young', 'Old', 'Global']);

/** What Shenandoah does on the way, neither kind nor cause. */
const remarks = new Set(['unload classes', 'process weakrefs', 'update refs']);

export function parsePauseLine(message: string): PauseLine | undefined {
  const match = pauseEnd.exec(message);
  if (match === null) return undefined;
  const { type, cause, evacuationFailed, isPart } = meaningOf(match[1] ?? '');
  if (isPart) return undefined;
  const line: PauseLine = { type, evacuationFailed, durationSeconds: decimal(match[8] ?? '') / 1e3 };
  if (cause !== undefined) line.cause = cause;
  const [, , before, beforeUnit = '', after = '', afterUnit = '', committed = '', committedUnit = ''] = match;
  if (before !== undefined) {
    line.heap = {
      beforeBytes: bytesOf(before, beforeUnit),
      afterBytes: bytesOf(after, afterUnit),
      committedBytes: bytesOf(committed, committedUnit),
    };
  }
  return line;
}

/** At debug level ZGC of JDK 11 names parts of pauses as if they were some: `Pause Roots (ZWorker#0) 0.2ms`. */
export const isPartOfPause = (message: string): boolean => /\((?:VM Thread|ZWorker#\d{1,6})\)/.test(message);

type Meaning = Pick<PauseLine, 'type' | 'cause' | 'evacuationFailed'> & { isPart: boolean };

/** There are few names and causes, and they would keep alive the text they were cut from. */
const meanings = new Map<string, Meaning>();
const mostMeanings = 500;

function meaningOf(words: string): Meaning {
  const known = meanings.get(words);
  if (known !== undefined) return known;
  const kept = detached(words);
  const meaning = read(kept);
  if (meanings.size < mostMeanings) meanings.set(kept, meaning);
  return meaning;
}

const detached = (text: string) => Buffer.from(text, 'latin1').toString('latin1');

function read(words: string): Meaning {
  const [type = words] = words.split(' (', 1);
  const meaning: Meaning = { type, evacuationFailed: false, isPart: isPartOfPause(words) };
  for (const [, inside = ''] of words.matchAll(/ \(((?:[^()]|\(\))*)\)/g)) {
    if (inside.startsWith('Evacuation Failure')) meaning.evacuationFailed = true;
    else if (kinds.has(inside)) meaning.type += ` (${inside})`;
    else if (!remarks.has(inside)) meaning.cause = inside;
  }
  return meaning;
}
