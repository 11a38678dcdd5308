// Records a simulated day per minute: load, lag and the most loaded machine.

import type { DayState, Peaks } from './day-state.ts';
import type { SimulatedCluster } from './simulated-cluster.ts';

export type DayCourse = ReturnType<typeof courseOf>;

/** A time span in which all rates are constant. */
interface Step {
  peaks: Peaks;
  /** Messages per second that the cluster accepts. */
  taken: number;
  readFromDisk: boolean;
  /** Start in seconds of the day, and length. */
  from: number;
  span: number;
}

const minuteSeconds = 60;

export function courseOf(minutes: number) {
  const series = () => new Float64Array(minutes);
  /** By reader and set: minute from which to search for the oldest unread message. */
  const pointers: Int32Array[] = [];

  /** Unread messages of a reader at a moment of the minute, and the age of the oldest, in seconds. */
  function unreadBy(index: number, { streams, readers }: DayState, minute: number, time: number) {
    const { stream, position } = readers[index] as DayState['readers'][number];
    const { head, history } = streams[stream] as DayState['streams'][number];
    const pointer = (pointers[index] ??= new Int32Array(position.length));
    let [lag, age] = [0, 0];
    for (const [set, at] of position.entries()) {
      const end = head[set] ?? 0;
      if (!(end > at)) continue;
      const taken = history[set] ?? new Float64Array();
      let before = pointer[set] ?? 0;
      while (before < minute && (taken[before + 1] ?? 0) <= at) before += 1;
      pointer[set] = before;
      const isPast = before < minute;
      const [low, high] = [taken[before] ?? 0, isPast ? (taken[before + 1] ?? 0) : end];
      const span = isPast ? minuteSeconds : time - minute * minuteSeconds;
      const within = high > low ? Math.max(0, (at - low) / (high - low)) : 0;
      lag += end - at;
      age = Math.max(age, time - before * minuteSeconds - within * span);
    }
    return { lag, age };
  }

  return {
    minutes,
    /** Messages per second that producers wanted to send, and the mean that they could. */
    offered: series(),
    accepted: series(),
    /** Messages buffered by producers. */
    held: series(),
    /** Lag of the group with the most: messages, and age of the oldest unread one. */
    lag: series(),
    lagSeconds: series(),
    /** Lag by reader, in messages. */
    lags: [] as Float64Array[],
    /** Share of the capacity of the most loaded machine. */
    networkIn: series(),
    networkOut: series(),
    disk: series(),
    diskUsed: series(),
    /** Load of the most loaded leader over its safe maximum. */
    load: series(),
    /** Seconds of the minute in which a machine exceeded the policy: led messages, card, or disk. */
    outside: series(),
    /** Highest values within the minute: over all streams, of the group with the most lag, and of each reader. */
    mostHeld: series(),
    mostLag: series(),
    mostLagSeconds: series(),
    mostLags: [] as Float64Array[],
    /** Second of the day until which the minute exceeded the policy or had buffered or unread messages; 0 if it did not. */
    unsettledUntil: series(),
    /** 1 while a lag was read from disk. */
    readFromDisk: new Uint8Array(minutes),
    /** Cumulative. */
    lost: series(),
    failed: series(),
    begin(minute: number, rates: readonly number[]): void {
      this.offered[minute] = rates.reduce((sum, rate) => sum + rate, 0);
    },

    watch(minute: number, { safe }: SimulatedCluster, { peaks: most, taken, readFromDisk, from, span }: Step): void {
      this.networkIn[minute] = Math.max(this.networkIn[minute] ?? 0, most.in);
      this.networkOut[minute] = Math.max(this.networkOut[minute] ?? 0, most.out);
      this.disk[minute] = Math.max(this.disk[minute] ?? 0, most.disk);
      this.load[minute] = Math.max(this.load[minute] ?? 0, most.led);
      const over = Math.max(
        most.led,
        most.in / safe.networkShare,
        most.out / safe.networkShare,
        most.disk / safe.diskShare,
      );
      // The tolerance covers rounding of a load that is planned exactly to the limit.
      if (over > 1 + 1e-6) {
        this.outside[minute] = (this.outside[minute] ?? 0) + span;
        this.unsettledUntil[minute] = from + span;
      }
      if (readFromDisk) this.readFromDisk[minute] = 1;
      this.accepted[minute] = (this.accepted[minute] ?? 0) + (taken * span) / minuteSeconds;
    },

    /** Records the step that ends at `time`. */
    settle(minute: number, state: DayState, time: number): void {
      const held = heldIn(state.streams);
      this.mostHeld[minute] = Math.max(this.mostHeld[minute] ?? 0, held);
      if (held >= 1) this.unsettledUntil[minute] = time;
      for (const index of state.readers.keys()) {
        const most = (this.mostLags[index] ??= series());
        const { lag, age } = unreadBy(index, state, minute, time);
        most[minute] = Math.max(most[minute] ?? 0, lag);
        this.mostLag[minute] = Math.max(this.mostLag[minute] ?? 0, lag);
        this.mostLagSeconds[minute] = Math.max(this.mostLagSeconds[minute] ?? 0, age);
        if (lag >= 1) this.unsettledUntil[minute] = time;
      }
    },

    finish(minute: number, state: DayState, used: Float64Array): void {
      const { streams, readers } = state;
      this.held[minute] = heldIn(streams);
      this.failed[minute] = streams.reduce((sum, { failed }) => sum + failed, 0);
      this.lost[minute] = readers.reduce((sum, { lost }) => sum + lost, 0);
      this.diskUsed[minute] = used.reduce((most, each) => Math.max(most, each), 0);
      const time = (minute + 1) * minuteSeconds;
      for (const index of readers.keys()) {
        const lags = (this.lags[index] ??= series());
        const { lag, age } = unreadBy(index, state, minute, time);
        lags[minute] = lag;
        this.lagSeconds[minute] = Math.max(this.lagSeconds[minute] ?? 0, age);
        this.lag[minute] = Math.max(this.lag[minute] ?? 0, lag);
      }
    },
  };
}

const heldIn = (streams: DayState['streams']): number =>
  streams.reduce((sum, { held }) => sum + held.reduce((all, each) => all + each, 0), 0);
