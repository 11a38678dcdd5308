// Computes the time that a log covers, from the uptimes or dates of its lines.

import type { Moment } from '../log/gc-event.ts';

interface Ends {
  first: number;
  last: number;
}

export class CoveredTime {
  #uptime: Ends | undefined;
  #epoch: Ends | undefined;
  #closedSeconds: number | undefined;

  see({ uptimeSeconds, epochMs }: Moment): void {
    if (uptimeSeconds !== undefined) this.#uptime = widened(this.#uptime, uptimeSeconds);
    if (epochMs !== undefined) this.#epoch = widened(this.#epoch, epochMs / 1000);
  }

  /** Starts another JVM: the time between the two is not covered. */
  restart(): void {
    this.#closedSeconds = this.seconds;
    this.#uptime = this.#epoch = undefined;
  }

  /** Absent for a log without timestamps. */
  get seconds(): number | undefined {
    const ends = this.#uptime ?? this.#epoch;
    const open = ends === undefined || ends.last <= ends.first ? undefined : ends.last - ends.first;
    return open === undefined ? this.#closedSeconds : open + (this.#closedSeconds ?? 0);
  }

  get lastUptimeSeconds(): number | undefined {
    return this.#uptime?.last;
  }

  get firstEpochMs(): number | undefined {
    return this.#epoch && this.#epoch.first * 1000;
  }
}

/** Modifies in place for speed: most events only move the end. */
function widened(ends: Ends | undefined, value: number): Ends {
  if (ends === undefined) return { first: value, last: value };
  if (value < ends.first) ends.first = value;
  if (value > ends.last) ends.last = value;
  return ends;
}
