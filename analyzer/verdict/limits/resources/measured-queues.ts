// Assesses each queue or stage inside a broker whose row in core/resource.ts names the figure that is its use.

import { brokerKinds } from '../../../../core/cluster.ts';
import { originsOf } from '../../../../core/documents/evidence/broker-figures.ts';
import { type MeasuredQueue, measuredQueues } from '../../../../core/resource.ts';
import { nodeText } from '../../../../core/text/quantity-text.ts';
import { unmonitored, type ResourceModel } from './model.ts';
import { useOfBroker } from './use.ts';

function modelOf(resource: MeasuredQueue): ResourceModel {
  const { figure, requires, capacity } = measuredQueues[resource];
  const kinds = brokerKinds.filter((kind) => originsOf(figure).includes(kind));
  return {
    resource,
    requires,
    reportedBy: Object.fromEntries(kinds.map((kind) => [kind, [figure]])),
    kind: 'queue',

    assess(steps, series) {
      const uses = steps.map((step) => useOfBroker(step, series, figure));
      if (uses.every((use) => use === undefined)) return unmonitored;
      return { kind: 'measured', capacity: { ...capacity, source: capacity.source(nodeText(series.node)) }, uses };
    },
  };
}

export const measuredQueueModels = Object.fromEntries(
  (Object.keys(measuredQueues) as MeasuredQueue[]).map((resource) => [resource, modelOf(resource)]),
) as Record<MeasuredQueue, ResourceModel>;
