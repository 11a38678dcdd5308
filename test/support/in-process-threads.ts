// Runs worker code in process, against a broker in memory.

import type { TrafficDriver } from '../../brokers/driver.ts';
import type { RunOrigin } from '../../loadgen/execute/run-clock.ts';
import { createMailbox } from '../../loadgen/execute/workers/mailbox.ts';
import { runAssignment } from '../../loadgen/execute/workers/run-assignment.ts';
import type { ToThread } from '../../loadgen/execute/workers/thread-messages.ts';
import type { StartThread } from '../../loadgen/execute/workers/traffic-thread.ts';

export const inProcessThreads =
  (traffic: TrafficDriver): StartThread =>
  (assignment, { onLines, onDriven }) => {
    const ready = Promise.withResolvers<void>();
    const started = Promise.withResolvers<RunOrigin>();
    const stopping = new AbortController();
    const mailbox = createMailbox<ToThread>();
    const done = runAssignment(assignment, traffic, {
      onReady: ready.resolve,
      onLines,
      onDriven,
      started: started.promise,
      stopped: stopping.signal,
      mailbox,
    });
    done.catch(ready.reject);
    ready.promise.catch(() => {});
    return {
      ready: ready.promise,
      done,
      tell(message) {
        if (message.kind === 'start') started.resolve(message.origin);
        else if (message.kind === 'stop') stopping.abort();
        else mailbox.put(message);
      },
      async [Symbol.asyncDispose]() {
        stopping.abort();
      },
    };
  };
