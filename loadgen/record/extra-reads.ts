// Counts what a group read although it was not acknowledged: messages delivered twice, and failed sends that were stored.

/** A worker that is silent for so long is lost (remote/link.ts); until then it may still report what it sent. */
const silentSeconds = 6;

export type ExtraReads = ReturnType<typeof countExtraReads>;

export function countExtraReads() {
  let messages = 0;
  /** A second ago: in a second, reports come in any order. */
  let before = 0;
  /** Of each of the last seconds. */
  let beyond: readonly number[] = [];
  return {
    get messages(): number {
      return messages;
    },
    /** Ends a second. @param read by the group so far @param readable acknowledged, or sent and not answered yet */
    endSecond(read: number, readable: number): void {
      beyond = [...beyond, before - readable].slice(-silentSeconds);
      before = read;
      if (beyond.length === silentSeconds) messages = Math.max(messages, Math.min(...beyond));
    },
  };
}
