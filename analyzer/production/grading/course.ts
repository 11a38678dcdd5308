// Defines the minute-by-minute record of a cluster in which occurrences are found; unknown values are absent.

export interface CourseReading {
  /** Milliseconds since the epoch. */
  atMs: number;
  /** Messages per second since the previous reading. */
  produceTps?: number;
  /** Ids of listed brokers; absent if the cluster could not be read. */
  brokers?: ReadonlySet<string>;
  /** Growth of the lag of all groups since the first reading, in messages, without abandoned groups. */
  lag?: number;
  /** Cumulative seconds of GC pauses of each JVM since the first reading. */
  stoppedSeconds?: ReadonlyMap<string, number>;
}

export type Course = readonly CourseReading[];

/** An event in production that grades a prediction. */
export interface Occurrence {
  event: 'natural-peak' | 'broker-restart' | 'gc-storm';
  startedAtMs: number;
  endedAtMs: number;
  /** Produced messages per second during the event. */
  tps: number;
  /** Signs of overload; empty if there were none. */
  strains: readonly string[];
  /** For a restart: the broker. */
  lost?: string;
}
