// Assesses the two thread pools of a Kafka broker, request handlers and network threads, by their busy share of time.

import type { BrokerQueue } from '../../../../core/resource.ts';
import { nodeText } from '../../../../core/text/quantity-text.ts';
import { unmonitored, type ResourceModel } from './model.ts';
import { useOfBroker } from './use.ts';

/**
 * A pool is a queueing station: its utilisation is rate × time in the pool / threads, which Kafka reports as one minus
 * the idle share. Time that a handler waits for a disk counts as busy.
 */
function busyPool(
  resource: BrokerQueue,
  name: string,
  metric: string,
  figure: 'requestHandlersBusy' | 'networkProcessorsBusy',
): ResourceModel {
  return {
    resource,
    requires: `idle share of the ${name} of a Kafka broker`,
    reportedBy: { kafka: [figure] },
    kind: 'queue',

    assess(steps, series) {
      const uses = steps.map((step) => useOfBroker(step, series, figure));
      if (uses.every((use) => use === undefined)) return unmonitored;
      const source = `the ${name} of ${nodeText(series.node)} busy all the time (1 − ${metric})`;
      return { kind: 'measured', capacity: { value: 1, unit: 'ratio', source }, uses };
    },
  };
}

export const requestHandlers = busyPool(
  'request-handlers',
  'request handlers',
  'RequestHandlerAvgIdlePercent',
  'requestHandlersBusy',
);

export const networkThreads = busyPool(
  'network-threads',
  'network threads',
  'io-wait-ratio of the busiest listener, or NetworkProcessorAvgIdlePercent if only that is exported',
  'networkProcessorsBusy',
);
