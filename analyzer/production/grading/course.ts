// Defines the minute-by-minute record of a cluster in which occurrences are found; unknown is absent.

export interface CourseReading {
  /** Milliseconds since the epoch. */
  atMs: number;
  /** Messages per second since the reading before. */
  produceTps?: number;
  /** Ids of brokers that are listed; absent when the cluster could not be read. */
  brokers?: ReadonlySet<string>;
  /** What the lags of all groups grew by since the first reading, in messages; abandoned groups do not count. */
  lag?: number;
  /** Seconds of GC pauses of each JVM since it was first followed; only rises. */
  stoppedSeconds?: ReadonlyMap<string, number>;
}

export type Course = readonly CourseReading[];

/** An occurrence in production that grades a prediction. */
export interface Occurrence {
  event: 'natural-peak' | 'broker-restart' | 'gc-storm';
  startedAtMs: number;
  endedAtMs: number;
  /** Messages per second that were produced meanwhile. */
  tps: number;
  /** What showed that it was too much; empty when nothing did. */
  strains: readonly string[];
  /** Of a restart: which broker. */
  lost?: string;
}
