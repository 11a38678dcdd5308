// Checks that a change needs a recent approval of exactly this plan by another person.

import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { ApprovablePlan, canonicalJson, planDigest } from '../../../../ops/change/approvable-plan.ts';
import { approve, approverOf, whyNotApproved, type SignedApproval } from '../../../../ops/change/approval.ts';
import { ApprovalConfig } from '../../../../ops/change/approval-config.ts';

const alice = generateKeyPairSync('ed25519');
const mallory = generateKeyPairSync('ed25519');
const textOf = ({ publicKey }: typeof alice) => publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
const config = ApprovalConfig.parse({
  approvers: { alice: { publicKey: textOf(alice), users: ['root'] } },
  validFor: '4h',
});
const plan = ApprovablePlan.parse({
  schemaVersion: 1,
  cluster: 'orders',
  clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
  change: 'partitions',
  subject: 'topic payments',
  steps: ['topic payments gets 3 more partitions'],
  stepsZh: ['增加 payments 的分区数'],
  exact: { topic: 'payments', count: 6, assignments: [[1], [2], [3]] },
});
const now = new Date('2026-11-10T10:00:00Z');
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const approval = approve(plan, { approver: 'alice', privateKey: alice.privateKey, now, config });
const start = { plan, users: ['bob'], now: later(1), used: new Set<string>() };
const why = (over: Partial<SignedApproval> = {}, more: Partial<typeof start> = {}) =>
  whyNotApproved({ ...approval, ...over }, config, { ...start, ...more });

test('accepts an approval of the same plan by another person', () => expect(why()).toBeUndefined());

test.each([
  ['an approver that the config does not know', { approver: 'eve' }, {}, 'eve is not an approver'],
  ['a name that every object has', { approver: 'constructor' }, {}, 'constructor is not an approver'],
  ['an altered expiry', { expiresAt: '2027-11-10T10:00:00.000Z' }, {}, 'altered'],
  ['the approver who executes', {}, { users: ['alice'] }, 'alice approved it and executes it as user alice'],
  ['another user of the approver', {}, { users: ['ops', 'root'] }, 'as user root'],
  ['another plan', {}, { plan: { ...plan, exact: { ...(plan.exact as object), count: 7 } } }, 'it is for another plan'],
  ['other Chinese texts', {}, { plan: { ...plan, stepsZh: ['不修改'] } }, 'it is for another plan'],
  ['another cluster', {}, { plan: { ...plan, clusterId: 'other' } }, 'and this is cluster other'],
  ['an expired approval', {}, { now: later(4) }, 'it expired at 2026-11-10T14:00:00.000Z'],
  ['an approval from the future', {}, { now: later(-1) }, 'signed in the future'],
  ['an approval that was used', {}, { used: new Set([approval.id]) }, 'valid for one start'],
])('rejects an approval with %s', (_, over, more, words) => expect(why(over, more)).toContain(words));

test('rejects a signature made with another key, whatever approver it names', () => {
  const forged = approve(plan, { approver: 'alice', privateKey: mallory.privateKey, now, config });
  expect(whyNotApproved(forged, config, start)).toContain('signed with another key');
  expect(approverOf(mallory.privateKey, config)).toBeUndefined();
  expect(approverOf(alice.privateKey, config)).toBe('alice');
});

test('the validity in the current config limits an approval that was signed with a longer one', () => {
  const long = approve(plan, {
    approver: 'alice',
    privateKey: alice.privateKey,
    now,
    config: { ...config, validFor: config.validFor },
  });
  const shorter = ApprovalConfig.parse({ approvers: { alice: { publicKey: textOf(alice) } }, validFor: '30m' });
  expect(whyNotApproved(long, shorter, start)).toContain('it expired at 2026-11-10T10:30:00.000Z');
});

test('the plan digest depends on the changes, not on the order of keys or the name of the cluster in the config', () => {
  expect(canonicalJson({ b: 1, a: [{ d: undefined, c: 2n }] })).toBe('{"a":[{"c":"2"}],"b":1}');
  const { exact, ...rest } = plan;
  expect(planDigest({ exact, ...rest, cluster: 'prod' })).toBe(planDigest(plan));
  expect(planDigest({ ...plan, subject: 'topic refunds' })).not.toBe(planDigest(plan));
});

test('the config rejects an invalid public key and a key that is not Ed25519', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const text = rsa.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  for (const publicKey of ['x', text]) {
    expect(ApprovalConfig.safeParse({ approvers: { alice: { publicKey } } }).error?.message).toContain('--new-key');
  }
});
