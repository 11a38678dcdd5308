// Counts reads of messages that were not acknowledged: duplicates, and failed sends that were stored.

/** A worker silent for this long is lost (remote/link.ts); until then it may still report sent messages. */
const silentSeconds = 6;

export type ExtraReads = ReturnType<typeof countExtraReads>;

export function countExtraReads() {
  let messages = 0;
  /** Count one second ago, because reports within a second arrive in any order. */
  let before = 0;
  /** Excess of reads over readable messages, for each of the last seconds. */
  let beyond: readonly number[] = [];
  return {
    get messages(): number {
      return messages;
    },
    /**
     * Ends a second.
     * @param read messages read by the group so far
     * @param readable messages acknowledged, or sent and not yet answered
     */
    endSecond(read: number, readable: number): void {
      beyond = [...beyond, before - readable].slice(-silentSeconds);
      before = read;
      if (beyond.length === silentSeconds) messages = Math.max(messages, Math.min(...beyond));
    },
  };
}
