// How does a load test run against a broker in memory? The code of its threads, without threads.

import type { TrafficDriver } from '../../brokers/driver.ts';
import type { RunOrigin } from '../../loadgen/run-clock.ts';
import { runAssignment } from '../../loadgen/workers/run-assignment.ts';
import type { StartThread } from '../../loadgen/workers/traffic-thread.ts';

export const inProcessThreads =
  (traffic: TrafficDriver): StartThread =>
  (assignment, onLines) => {
    const ready = Promise.withResolvers<void>();
    const started = Promise.withResolvers<RunOrigin>();
    const stopping = new AbortController();
    const done = runAssignment(assignment, traffic, {
      onReady: ready.resolve,
      onLines,
      started: started.promise,
      stopped: stopping.signal,
    });
    done.catch(ready.reject);
    ready.promise.catch(() => {});
    return {
      ready: ready.promise,
      done,
      start: started.resolve,
      stop: () => stopping.abort(),
      async [Symbol.asyncDispose]() {
        stopping.abort();
      },
    };
  };
