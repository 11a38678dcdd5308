// Parses Shenandoah lines of JDK 8: brackets with the text of unified logging and a comma before the time.

import type { Concurrent, Pause } from '../gc-event.ts';
import { parsePhaseLine } from '../unified/concurrent-line.ts';
import { parsePauseLine } from '../unified/pause-line.ts';
import { number } from './quantity.ts';
import { shifted, type Stamp } from './stamp.ts';

/*
 * 0.239: [Pause Final Mark (process weakrefs), start]
 * 0.242: [Pause Final Mark (process weakrefs), 2.472 ms]          stamped at the end
 * 2.225: [Concurrent cleanup 2159M->2162M(8192M), 0.073 ms]
 */
const line = new RegExp(String.raw`\[((?:Pause|Concurrent) [A-Za-z][^\[\],]{0,120}), (?:start|(${number}) ms)\]`, 'y');

interface ShenandoahLine {
  /** Index after the line's part of the text. */
  end: number;
  /** Absent for a start line. */
  event?: Pause | Concurrent;
}

/** @returns undefined if the line is incomplete */
export function readShenandoah(text: string, at: number, { moment, gcId }: Stamp): ShenandoahLine | undefined {
  line.lastIndex = at;
  const match = line.exec(text);
  if (match === null) return undefined;
  const end = line.lastIndex;
  const [, name, milliseconds] = match;
  if (milliseconds === undefined) return { end };
  const message = `${name} ${milliseconds} ms`;
  const id = gcId === undefined ? {} : { gcId };
  const pause = parsePauseLine(message);
  if (pause !== undefined) {
    const { evacuationFailed, ...figures } = pause;
    const start = shifted(moment, -pause.durationSeconds);
    const isFull = pause.type === 'Pause Full';
    return {
      end,
      event: {
        kind: 'pause',
        ...id,
        start,
        ...figures,
        ownSeconds: pause.durationSeconds,
        isFull,
        ...(evacuationFailed && { evacuationFailed }),
      },
    };
  }
  const phase = parsePhaseLine(message);
  if (phase === undefined) return undefined;
  return { end, event: { kind: 'concurrent', ...id, start: shifted(moment, -(phase.durationSeconds ?? 0)), ...phase } };
}
