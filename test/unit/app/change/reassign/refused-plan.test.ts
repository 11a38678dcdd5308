import { expect, test } from 'vitest';
import { executePlan } from '../../../../../app/change/reassign/execute-plan.ts';
import type { RequestedGoal } from '../../../../../app/change/reassign/goal.ts';
import { refuseAbsent } from '../../../../../app/change/reassign/refuse-absent.ts';
import type { Finding } from '../../../../../core/documents/analysis.ts';

const metadata = { brokers: [1, 2, 3].map((id) => ({ id: String(id), address: `b${id}:9092` })) };
const even: RequestedGoal = { goal: { kind: 'even' }, add: [], remove: [] };

test.each<[string, RequestedGoal, number[], string]>([
  ['added', { ...even, add: [7] }, [1, 2, 3, 7], '--add'],
  ['in the place of another', { ...even, goal: { kind: 'replace', from: 3, to: 7 }, remove: [3] }, [], '--replace'],
  ['listed', even, [1, 7], '--brokers'],
])('a broker that is not started cannot be %s', (_, requested, listed, option) => {
  const given = listed.map((id) => ({ id }));
  expect(() => refuseAbsent(metadata, requested, given)).toThrow(
    expect.objectContaining({
      code: 'change-refused',
      message: `broker 7 of ${option} is not in the cluster now`,
      hint: expect.stringContaining('start it'),
    }),
  );
});

test('a broker that leaves may be listed, though it is away', () => {
  expect(() => refuseAbsent(metadata, { ...even, remove: [7] }, [{ id: 1 }, { id: 7 }])).not.toThrow();
});

const executed = (severity: Finding['severity'], code: string) =>
  executePlan(
    {} as never,
    {} as never,
    { plan: { moves: { replicas: 1 } }, findings: [{ severity, code, message: 'because', evidence: [] }] } as never,
    { facts: {} } as never,
  );

test('a plan that removes in-sync replicas below the minimum does not start; one that cures a death may', async () => {
  await expect(executed('critical', 'removes-in-sync')).rejects.toThrow('the change was not started: because');
  await expect(executed('warning', 'below-min-in-sync-until-moved')).rejects.toThrow('the copy rate');
});
