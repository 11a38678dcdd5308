// Bounds the bytes of a run's topics at a time: Kafka checks for expired segments periodically and deletes them later.

/** Kafka's defaults of log.retention.check.interval.ms and log.segment.delete.delay.ms (file.delete.delay.ms of a topic). */
const defaultCheckSeconds = 300;
const defaultDelaySeconds = 60;
export const defaultDeletionSeconds = defaultCheckSeconds + defaultDelaySeconds;

/**
 * @param settings of a broker; missing settings have Kafka's defaults
 * @returns the longest time that expired messages stay on disk
 */
export function deletionSecondsOf(settings: ReadonlyMap<string, string> = new Map()): number {
  const secondsOf = (name: string, otherwise: number) => {
    const milliseconds = Number(settings.get(name) ?? Number.NaN);
    return milliseconds >= 0 ? milliseconds / 1000 : otherwise;
  };
  return (
    secondsOf('log.retention.check.interval.ms', defaultCheckSeconds) +
    secondsOf('log.segment.delete.delay.ms', defaultDelaySeconds)
  );
}

interface StoredLoad {
  /** Absent for a closed loop and a search. */
  messages?: number | undefined;
  messageBytes: number;
  /** Highest rate; absent if it results from the load. */
  mostTps?: number | undefined;
  /** Bytes kept by the topics' retention, one copy; absent if unbounded. */
  retainedBytes?: number | undefined;
  deletionSeconds: number;
}

/** @returns maximum bytes at a time, one copy; undefined if both the messages and the rate are unknown */
export function mostStoredBytes(load: StoredLoad): number | undefined {
  const { messages, messageBytes, mostTps, retainedBytes, deletionSeconds } = load;
  const sent = messages === undefined ? Infinity : messages * messageBytes;
  const kept =
    retainedBytes === undefined || mostTps === undefined
      ? Infinity
      : retainedBytes + mostTps * messageBytes * deletionSeconds;
  const most = Math.min(sent, kept);
  return most === Infinity ? undefined : most;
}
