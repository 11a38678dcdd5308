import { expect, test } from 'vitest';
import type { ClusterStatus } from '../../../../core/documents/cluster-status.ts';
import { urgentActions } from '../../../../service/status/prepared-actions.ts';
import { measuredOrders } from '../../../support/capacity-report-inputs.ts';
import { eventNow, eventParts } from '../../../support/event-day.ts';

const status: ClusterStatus = {
  cluster: 'orders',
  broker: 'kafka',
  domains: [],
  state: 'ok',
  loadState: 'ok',
  safeMaxTps: measuredOrders.safeMaxTps,
  verdict: { entry: 1, at: eventNow.toISOString(), ageSeconds: 60, kind: 'test', drifted: [] },
  now: { produceTps: 20_000, at: eventNow.toISOString(), source: 'exporter' },
};
const actionsOf = (over: Partial<ClusterStatus>) =>
  urgentActions(
    { ...status, ...over },
    {
      history: eventParts.history,
      clock: { now: () => eventNow },
      config: { clientIds: {} },
      served: eventParts.clusters.get('orders'),
    },
  );

test('a cluster near its limit has prepared actions, also while a broker is missing', () => {
  expect(actionsOf({ state: 'near', loadState: 'near' })).not.toEqual([]);
  expect(actionsOf({ state: 'degraded', loadState: 'over' })).not.toEqual([]);
});

test('a cluster with headroom has none, whatever it has lost', () => {
  expect(actionsOf({})).toEqual([]);
  expect(actionsOf({ state: 'degraded' })).toEqual([]);
});
