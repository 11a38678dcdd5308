// Drops a failure on purpose, under a stated reason. NODE_DEBUG=plimsoll prints what was dropped.

import { debuglog } from 'node:util';

const trace = debuglog('plimsoll');

/** For `.catch(…)` where nothing else is to be done. A failure that a user must know about becomes a value or a log line instead. */
export const ignoreFault =
  (reason: string) =>
  (fault: unknown): undefined => {
    trace('ignored, because %s: %s', reason, fault);
  };

/** Of a sleep: it ends early when its signal aborts, and the code after it looks at the signal. */
export const endOfWait = ignoreFault('an aborted wait only ends early');

/** For a promise that may fail before it is awaited. */
export const awaitedElsewhere = ignoreFault('the caller that waits for it gets the failure');
