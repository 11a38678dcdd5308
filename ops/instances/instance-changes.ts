// Defines the changes of instances: start, stop and restart of one, and a rolling restart of all by failure domain.

import type { ChangeKind } from '../change/change-kind.ts';
import type { Step } from '../change/step.ts';
import { InstanceFacts, type ChangedInstance, type InstanceAction, type InstanceTools } from './facts.ts';
import { awaitHealthy, restoreLeaders } from './gate-steps.ts';
import { awaitServing, check, start, stop } from './instance-steps.ts';

export type InstanceChangeKind = ChangeKind<InstanceFacts, InstanceTools>;

const kind = (
  action: InstanceAction,
  steps: (facts: InstanceFacts, tools: InstanceTools) => readonly Step<InstanceFacts>[],
): InstanceChangeKind => ({ name: `instances-${action}`, facts: InstanceFacts, steps });

const starting = (each: ChangedInstance, facts: InstanceFacts, tools: InstanceTools): Step<InstanceFacts>[] => [
  check(each, facts, tools),
  start(each, tools),
  awaitServing(each, facts, tools),
];

export const instanceChanges: Readonly<Record<InstanceAction, InstanceChangeKind>> = {
  start: kind('start', (facts, tools) => facts.order.flatMap((each) => starting(each, facts, tools))),
  stop: kind('stop', ({ order }, tools) => order.map((each) => stop(each, tools))),
  restart: kind('restart', (facts, tools) =>
    facts.order.flatMap((each) => [stop(each, tools), ...starting(each, facts, tools)]),
  ),
  roll: kind('roll', (facts, tools) =>
    facts.order.flatMap((each, index) => [
      awaitHealthy({ id: `await-health-before-${each.name}`, before: each.name }, facts, tools),
      stop(each, tools),
      ...starting(each, facts, tools),
      ...restoreLeaders(each, tools),
      ...(index === facts.order.length - 1 ? [awaitHealthy({ id: 'await-health-at-end' }, facts, tools)] : []),
    ]),
  ),
};
