// Finds the longest pause, with its time and log.

import type { Pause } from '../log/gc-event.ts';
import { defined } from '../../core/defined.ts';
import type { Figures } from './gc-report.ts';
import { durationText } from '../../core/text/duration-text.ts';

export class LongestPause {
  #longest: { pause: Pause; log: string | undefined } | undefined;

  see(pause: Pause, log: string | undefined): void {
    if (this.#longest === undefined || pause.durationSeconds > this.#longest.pause.durationSeconds)
      this.#longest = { pause, log };
  }

  get figure(): Figures['longestPause'] {
    if (this.#longest === undefined) return undefined;
    const { pause, log } = this.#longest;
    const { type, cause, durationSeconds, start } = pause;
    return defined({
      type,
      cause,
      seconds: durationSeconds,
      at: start.epochMs === undefined ? undefined : new Date(start.epochMs).toISOString(),
      uptimeSeconds: start.uptimeSeconds === undefined ? undefined : Math.max(0, start.uptimeSeconds),
      log,
    });
  }
}

/** @returns `Pause Full (System.gc()) at 2026-01-01T12:00:00.000Z, in gc.log` */
export function longestPauseText({
  type,
  cause,
  at,
  uptimeSeconds,
  log,
}: NonNullable<Figures['longestPause']>): string {
  const age = uptimeSeconds === undefined ? '' : `, ${durationText(uptimeSeconds)} after the JVM started`;
  const when = at === undefined ? age : ` at ${at}`;
  return `${type}${cause === undefined ? '' : ` (${cause})`}${when}${log === undefined ? '' : `, in ${log}`}`;
}
