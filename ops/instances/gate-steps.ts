// Holds a rolling change until the cluster is as healthy as before, and returns leaders to a restarted broker.

import { seconds } from '../../core/units.ts';
import { changesNothing, type Step } from '../change/step.ts';
import type { ChangedInstance, InstanceFacts, InstanceTools } from './facts.ts';

const glance = seconds(2);

/** @param before instance that is stopped next; absent at the end */
export function awaitHealthy(
  { id, before }: { id: string; before?: string },
  facts: InstanceFacts,
  { gate, windowBlockers }: InstanceTools,
): Step<InstanceFacts> {
  const moment = before === undefined ? 'after the last restart' : `before ${before} is stopped`;
  const window = facts.when === 'safe' && before !== undefined ? windowBlockers : undefined;
  return {
    id,
    by: 'plimsoll',
    description: `wait until the cluster is healthy${window === undefined ? '' : ' and a safe window is open'}, ${moment}`,
    pause: glance,
    undo: changesNothing,
    async run(io) {
      const baseline = facts.baseline ?? (await gate.baseline(io));
      const holds = [...(await gate.blockers(baseline, io)), ...((await window?.(io)) ?? [])];
      if (holds.length > 0) return { kind: 'held', holds, learnt: { baseline } };
      return { kind: 'done', evidence: [`all ${baseline.brokers.length} brokers are in step`], learnt: { baseline } };
    },
  };
}

export function restoreLeaders({ name, target }: ChangedInstance, { gate }: InstanceTools): Step<InstanceFacts>[] {
  const { restoreLeaders: restore } = gate;
  const { broker } = target;
  if (restore === undefined || broker === undefined || target.role === 'kafka-controller') return [];
  return [
    {
      id: `elect-leaders-${name}`,
      by: 'plimsoll',
      description: `return the partitions to ${name} of which it is the preferred leader`,
      pause: glance,
      undo: { none: 'an election moves no data, and each partition is led by its preferred replica' },
      run: (io) => restore(broker, io),
    },
  ];
}
