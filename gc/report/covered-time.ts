// Computes the time a log covers, from the uptimes of its lines or from their dates.

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

  /** Another JVM follows: the time between the two is covered by neither. */
  restart(): void {
    this.#closedSeconds = this.seconds;
    this.#uptime = this.#epoch = undefined;
  }

  /** Absent for a log without stamps. */
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

/** Changed in place: every event is seen, and most only move the end. */
function widened(ends: Ends | undefined, value: number): Ends {
  if (ends === undefined) return { first: value, last: value };
  if (value < ends.first) ends.first = value;
  if (value > ends.last) ends.last = value;
  return ends;
}
