// Drops a failure on purpose, for a stated reason. NODE_DEBUG=plimsoll prints dropped failures.

import { debuglog } from 'node:util';

const trace = debuglog('plimsoll');

/** For `.catch(…)` if nothing else is to be done. A failure that users must see becomes a value or a log line instead. */
export const ignoreFault =
  (reason: string) =>
  (fault: unknown): undefined => {
    trace('ignored, because %s: %s', reason, fault);
  };

/** For a sleep that ends early on abort; the code after it checks the signal. */
export const endOfWait = ignoreFault('an aborted wait only ends early');

/** For a promise that may reject before it is awaited. */
export const awaitedElsewhere = ignoreFault('the caller that waits for it gets the failure');
