// Computes how long the application was stopped for GC and other causes; uses pauses if stops are not logged.

import type { Pause, Stop } from '../log/gc-event.ts';
import { Durations } from './durations.ts';
import { isGcStop } from '../log/legacy/stopped-line.ts';

/** A safepoint may contain nested collections. */
const mostHeld = 4;

export class StoppedTime {
  /** Stop with the longest time to safepoint. */
  slowestSafepoint: Stop | undefined;
  /** The longest stop that was not for GC. */
  longestOther: Stop | undefined;
  #gcSeconds = 0;
  #other: number | undefined;
  #timeToSafepoint: number | undefined;
  /** Pause seconds for which the safepoint has not been logged yet. */
  #pendingSeconds = 0;
  #hasStops = false;
  readonly #stops = new Durations();
  /** Last pauses of a JVM that has not logged a stop yet: they may belong to the first stop. */
  #held: Pause[] = [];

  /** Durations of stops: safepoints if logged, otherwise pauses. Read it after the last event. */
  get stops(): Durations {
    this.#release(this.#held.length);
    return this.#stops;
  }

  /** Starts another JVM, which may not log its stops. */
  restart(): void {
    this.#gcSeconds += this.#pendingSeconds;
    this.#pendingSeconds = 0;
    this.#hasStops = false;
    this.#release(this.#held.length);
  }

  pause(pause: Pause): void {
    this.#pendingSeconds += pause.ownSeconds;
    if (this.#hasStops) return;
    this.#held.push(pause);
    this.#release(this.#held.length - mostHeld);
  }

  stop(stop: Stop): void {
    if (!this.#hasStops) this.#held = this.#held.filter(({ start }) => !isGcStop(stop.start, [start]));
    this.#release(this.#held.length);
    this.#hasStops = true;
    this.#stops.add(stop.totalSeconds);
    const pending = this.#pendingSeconds;
    this.#pendingSeconds = 0;
    if (stop.isForGc ?? pending > 0) {
      this.#gcSeconds += Math.max(stop.totalSeconds, pending);
      this.#other ??= 0;
    } else {
      this.#gcSeconds += pending;
      this.#other = (this.#other ?? 0) + stop.totalSeconds;
      if (stop.totalSeconds > (this.longestOther?.totalSeconds ?? 0)) this.longestOther = stop;
    }
    if (stop.timeToSafepointSeconds === undefined) return;
    this.#timeToSafepoint = (this.#timeToSafepoint ?? 0) + stop.timeToSafepointSeconds;
    if (stop.timeToSafepointSeconds > (this.slowestSafepoint?.timeToSafepointSeconds ?? 0))
      this.slowestSafepoint = stop;
  }

  get gcSeconds(): number {
    return this.#gcSeconds + this.#pendingSeconds;
  }

  get otherSeconds(): number | undefined {
    return this.#other;
  }

  get timeToSafepointSeconds(): number | undefined {
    return this.#timeToSafepoint;
  }

  /** @param count count of the oldest pauses to release */
  #release(count: number): void {
    for (const { durationSeconds } of this.#held.splice(0, Math.max(0, count))) this.#stops.add(durationSeconds);
  }
}
