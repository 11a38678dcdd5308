// Bounds the bytes that the topics of a run hold at a time: Kafka brokers look for expired segments at intervals, and delete them later.

/** Kafka's defaults of log.retention.check.interval.ms and log.segment.delete.delay.ms (file.delete.delay.ms of a topic). */
const defaultCheckSeconds = 300;
const defaultDelaySeconds = 60;
export const defaultDeletionSeconds = defaultCheckSeconds + defaultDelaySeconds;

/** @param settings of a broker; Kafka's default for what it does not state @returns the longest time that expired messages stay on disk */
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
  /** Unknown for a closed loop and a search. */
  messages?: number | undefined;
  messageBytes: number;
  /** The highest rate; unknown where it results from the load. */
  mostTps?: number | undefined;
  /** Kept by the retention of the topics, one copy; absent where nothing bounds it. */
  retainedBytes?: number | undefined;
  deletionSeconds: number;
}

/** @returns the most bytes at a time, of one copy; undefined when neither the messages nor the rate are known */
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
