import { expect, test } from 'vitest';
import { blastRadiusOf } from '../../../../../analyzer/planning/simulation/blast-radius.ts';
import { sizingPolicy } from '../../../../../analyzer/planning/sizing/sizing-policy.ts';
import { readDefaultPolicy } from '../../../../../core/policy/policy.ts';
import { plannedCluster } from '../../../../support/cluster-plan.ts';

const policy = sizingPolicy(readDefaultPolicy(), {});
const choices = { world: 'mid' as const, consumerSpeed: 20, isThrottled: false, curve: new Float64Array(1440).fill(1) };

test('a failure of less than a minute shows the waiting sends and the time until recovery', () => {
  const plan = plannedCluster({ broker: 'kafka' });
  const { failures } = blastRadiusOf(plan, policy, { choices, lastsSeconds: 30 });
  const cell = failures.find(({ kind }) => kind === 'host')?.hours[12];
  // With acks=all, nine seconds of every partition with a replica on the broker: half of them, with three replicas on six brokers.
  const held = (9 * (cell?.offeredTps ?? 0) * plan.replicas) / plan.brokers.length;
  expect(cell?.mostHeldMessages).toBeGreaterThan(0.9 * held);
  expect(cell?.mostHeldMessages).toBeLessThan(1.1 * held);
  expect(cell?.normalAfterSeconds).toBeGreaterThan(9);
  expect(cell?.normalAfterSeconds).toBeLessThan(60);
});
