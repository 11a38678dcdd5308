import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approvedTarget } from '../../../../../app/change/reassign/approved-target.ts';
import type { ReassignCaller } from '../../../../../app/change/reassign/reassign-request.ts';
import { buildProblem } from '../../../../../ops/kafka/reassign/build-problem.ts';
import { planReassignment } from '../../../../../ops/kafka/reassign/plan-reassignment.ts';
import { assignmentOf } from '../../../../support/reassignment-clusters.ts';

const replicas = Array.from({ length: 24 }, (_, partition) => [partition % 3]);

/** Three brokers and new ones, with partitions that have grown since. */
function problemOf(grown: (partition: number) => number, added: readonly number[] = [3]) {
  const sizes = replicas.map((_, partition) => ({
    topic: 'orders',
    partition,
    bytes: (1 + partition) * 1e9 + grown(partition),
  }));
  const brokers = [0, 1, 2, ...added].map((id) => ({ id }));
  return buildProblem({ assignment: assignmentOf(replicas), brokers, sizes, add: added, remove: [] }).problem;
}

const planFile = (target: object) => ({
  schemaVersion: 1,
  cluster: 'lab',
  clusterId: 'x',
  change: 'reassign',
  subject: 'orders',
  steps: ['moves'],
  exact: { target, leaving: [], movesPerBroker: 5 },
});

const callerOf = (options: object) =>
  ({ options: { execute: true, ...options }, signal: new AbortController().signal }) as ReassignCaller;

test('an approved plan is executed as approved, although sizes have changed', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'approved-'));
  const { plan: approved } = planReassignment(problemOf(() => 0));
  const path = join(folder.path, 'plan.json');
  await writeFile(path, JSON.stringify(planFile(approved.partitions)));
  const target = await approvedTarget(callerOf({ approval: `${path}.approval` }));
  const now = problemOf((partition) => (partition % 5) * 3e9);
  expect(planReassignment(now).plan).not.toEqual(approved);
  expect(planReassignment(now, { target }).plan).toEqual(approved);
  // Broker 3 has left: a new plan is made, which the approval does not fit.
  const without = problemOf(() => 0, []);
  expect(planReassignment(without, { target })).toEqual(planReassignment(without));
});

test.each([
  ['another name', { approval: 'approved.json' }],
  ['no file beside it', { approval: '/nonexistent/plan.json.approval' }],
  ['a plan only', { approval: 'plan.json.approval', execute: false }],
])('without the approved plan, a new one is made: %s', async (_, options) => {
  expect(await approvedTarget(callerOf(options))).toBeUndefined();
});
