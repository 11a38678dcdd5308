// Defines the changes of instances: start, stop, restart and removal of one, installation, rolling restart, upgrade and
// new settings of many.

import type { ChangeKind } from '../change/change-kind.ts';
import type { Step } from '../change/step.ts';
import { InstanceFacts, type ChangedInstance, type InstanceAction, type InstanceTools } from './facts.ts';
import { closeMaster, openMaster } from './close-master.ts';
import { awaitHealthy, awaitHealthyBothWays, restoreLeaders } from './gate-steps.ts';
import { claimHosts, releaseHosts } from './install/claim-hosts.ts';
import { awaitMembers } from './install/await-members.ts';
import { copyRelease, formatDirectories, linkProgram, registerService, writeFiles } from './install/install-steps.ts';
import { nameEnsemble } from './install/name-ensemble.ts';
import { removeSteps } from './install/remove-steps.ts';
import { reloadService, removeFormer, replaceFiles } from './install/replace-files.ts';
import { awaitServing, check, start, stop } from './instance-steps.ts';
import { startGroup } from './rolling-order.ts';

export type InstanceChangeKind = ChangeKind<InstanceFacts, InstanceTools>;

const kind = (
  action: InstanceAction,
  steps: (facts: InstanceFacts, tools: InstanceTools) => readonly Step<InstanceFacts>[],
): InstanceChangeKind => ({ name: `instances-${action}`, facts: InstanceFacts, steps });

/** The start uses another program than the one that ran before. */
const switched = { isSwitched: true };

const starting = (
  each: ChangedInstance,
  facts: InstanceFacts,
  tools: InstanceTools,
  how: Partial<typeof switched> = {},
): Step<InstanceFacts>[] => [
  check(each, facts, tools, how),
  start(each, facts, tools, how),
  awaitServing(each, facts, tools),
];

export const instanceChanges: Readonly<Record<InstanceAction, InstanceChangeKind>> = {
  start: kind('start', (facts, tools) => facts.order.flatMap((each) => starting(each, facts, tools))),
  stop: kind('stop', ({ order }, tools) => order.map((each) => stop(each, tools))),
  restart: kind('restart', (facts, tools) =>
    facts.order.flatMap((each) => [stop(each, tools), ...starting(each, facts, tools)]),
  ),
  roll: kind('roll', (facts, tools) =>
    rolling(
      facts,
      tools,
      (each) => starting(each, facts, tools),
      ({ name }) => awaitHealthy(name, facts, tools),
    ),
  ),
  install: kind('install', (facts, tools) => [
    ...claimHosts(facts, tools),
    ...copies(facts, tools),
    ...facts.order.flatMap((each) => [
      writeFiles(each, facts, tools),
      linkProgram(each, tools),
      ...formatDirectories(each, tools),
    ]),
    // Members of a quorum serve only after enough of them run.
    ...[0, 1, 2, 3].flatMap((group) => {
      const own = facts.order.filter(({ target }) => startGroup(target.role) === group);
      return [
        ...own.flatMap((each) => [check(each, facts, tools), registerService(each, tools), start(each, facts, tools)]),
        ...own.map((each) => awaitServing(each, facts, tools)),
        ...nameEnsemble(own, tools),
      ];
    }),
    awaitMembers(facts, tools),
    ...releaseHosts(facts, tools),
  ]),
  upgrade: kind('upgrade', (facts, tools) => [
    ...copies(facts, tools),
    ...rolling(facts, tools, (each) => [linkProgram(each, tools), ...starting(each, facts, tools, switched)]),
  ]),
  reconfigure: kind('reconfigure', (facts, tools) => [
    ...rolling(facts, tools, (each) => [
      replaceFiles(each, facts, tools),
      check(each, facts, tools, switched),
      ...reloadService(each, facts, tools),
      start(each, facts, tools, switched),
      awaitServing(each, facts, tools),
    ]),
    ...facts.order.map((each) => removeFormer(each, facts, tools)),
  ]),
  remove: kind('remove', (facts, tools) =>
    facts.order.flatMap((each) => [stop(each, tools), ...removeSteps(each, facts, tools)]),
  ),
};

/**
 * One instance after another; a rollback goes in reverse order. @param started steps that start an instance again, or
 * start another program
 */
function rolling(
  facts: InstanceFacts,
  tools: InstanceTools,
  started: (each: ChangedInstance) => readonly Step<InstanceFacts>[],
  awaitBefore = (each: ChangedInstance) => awaitHealthyBothWays(each, facts, tools),
): Step<InstanceFacts>[] {
  return facts.order.flatMap((each, index) => [
    awaitBefore(each),
    ...closeMaster(each, facts, tools),
    stop(each, tools),
    ...started(each),
    ...openMaster(each, facts, tools),
    ...restoreLeaders(each, tools),
    ...(index === facts.order.length - 1 ? [awaitHealthy(undefined, facts, tools)] : []),
  ]);
}

function copies(facts: InstanceFacts, tools: InstanceTools): Step<InstanceFacts>[] {
  return (facts.install?.copies ?? []).map((copy) => copyRelease(copy, facts, tools));
}
