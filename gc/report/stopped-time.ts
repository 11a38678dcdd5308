// Computes how long the application was stopped for GC and other causes; pauses stand in where stops are not logged.

import type { Pause, Stop } from '../log/gc-event.ts';
import { Durations } from './durations.ts';

export class StoppedTime {
  /** Of each stop: safepoints if logged, else pauses. */
  readonly stops = new Durations();
  /** The longest time to a safepoint, and the stop it was of. */
  slowestSafepoint: Stop | undefined;
  /** The longest stop that was not for GC. */
  longestOther: Stop | undefined;
  #gcSeconds = 0;
  #other: number | undefined;
  #timeToSafepoint: number | undefined;
  /** Pauses whose safepoint has not been logged yet. */
  #pendingSeconds = 0;
  #hasStops = false;

  /** Another JVM begins: it may not log its stops. */
  restart(): void {
    this.#gcSeconds += this.#pendingSeconds;
    this.#pendingSeconds = 0;
    this.#hasStops = false;
  }

  pause({ ownSeconds, durationSeconds }: Pause): void {
    this.#pendingSeconds += ownSeconds;
    if (!this.#hasStops) this.stops.add(durationSeconds);
  }

  stop(stop: Stop): void {
    this.#hasStops = true;
    this.stops.add(stop.totalSeconds);
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
}
