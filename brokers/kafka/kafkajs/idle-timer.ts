// Stops the timer that kafkajs 2.2.4 sets for requests that wait, also when none does: at a time in the past, which Node 24 reports
// on the user's terminal as TimeoutNegativeWarning, and again every millisecond for as long as a connection lives.

import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleWhenSomethingWaits() {
  if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
};
