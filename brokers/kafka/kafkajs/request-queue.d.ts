// Declares the part of kafkajs's request queue that is used here; kafkajs has no types for this file.

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    /** Milliseconds since the epoch; -1 when the broker does not throttle. */
    readonly throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
}
