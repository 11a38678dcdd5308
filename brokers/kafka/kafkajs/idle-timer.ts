// Stops the timer that kafkajs 2.2.4 sets for pending requests even if there are none: at a time in the past, for which
// Node 24 prints TimeoutNegativeWarning on the user's terminal, and again every millisecond while a connection is open.

import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenSomethingWaits() {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
};
