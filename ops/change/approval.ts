// Signs the approval of a plan, and verifies it before a change starts.

import { createPublicKey, randomUUID, sign, verify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, planDigest, type ApprovablePlan } from './approvable-plan.ts';
import { readPublicKey, type ApprovalConfig } from './approval-config.ts';

const unsigned = {
  schemaVersion: z.literal(1),
  id: z.uuid().describe('id of this approval, which is valid for one start'),
  digest: z.string().describe('fingerprint of the plan'),
  clusterId: z.string(),
  change: z.string(),
  subject: z.string(),
  approver: z.string().describe('name under changes.approval.approvers'),
  approvedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
};

export const SignedApproval = z.strictObject({
  ...unsigned,
  signature: z.string().describe('Ed25519 over all other members, in base64'),
});
export type SignedApproval = z.infer<typeof SignedApproval>;

/** The prefix separates these signatures from any other use of the key. */
const signedBytes = (approval: Omit<SignedApproval, 'signature'>): Buffer =>
  Buffer.from(`plimsoll change approval 1\n${canonicalJson({ ...approval, signature: undefined })}`);

/** @returns the name of the approver with this key; undefined for an unknown key */
export function approverOf(privateKey: KeyObject, { approvers }: ApprovalConfig): string | undefined {
  const own = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return Object.entries(approvers).find(([, { publicKey }]) =>
    readPublicKey(publicKey).export({ format: 'der', type: 'spki' }).equals(own),
  )?.[0];
}

export function approve(
  plan: ApprovablePlan,
  { approver, privateKey, now, config }: { approver: string; privateKey: KeyObject; now: Date; config: ApprovalConfig },
): SignedApproval {
  const { clusterId, change, subject } = plan;
  const approval = {
    schemaVersion: 1 as const,
    id: randomUUID(),
    digest: planDigest(plan),
    clusterId,
    change,
    subject,
    approver,
    approvedAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + config.validFor * 1000).toISOString(),
  };
  return { ...approval, signature: sign(null, signedBytes(approval), privateKey).toString('base64') };
}

export interface Start {
  plan: ApprovablePlan;
  /** User names of the executing user. */
  users: readonly string[];
  now: Date;
  /** Ids of approvals that were already used. */
  used: ReadonlySet<string>;
}

/** Tolerated clock difference between two machines. */
const skewMs = 5 * 60_000;

/** @returns why the change may not start; undefined if the approval is valid for it */
export function whyNotApproved(
  approval: SignedApproval,
  { approvers, validFor }: ApprovalConfig,
  { plan, users, now, used }: Start,
): string | undefined {
  const { approver: name, approvedAt, expiresAt } = approval;
  const approver = Object.hasOwn(approvers, name) ? approvers[name] : undefined;
  if (approver === undefined) return `${name} is not an approver of this config`;
  const signature = Buffer.from(approval.signature, 'base64');
  if (!verify(null, signedBytes(approval), readPublicKey(approver.publicKey), signature)) {
    return `its signature is not that of ${name}: the file was altered, or signed with another key`;
  }
  const same = [name, ...approver.users].find((each) => users.includes(each));
  if (same !== undefined)
    return `${name} approved it and executes it as user ${same}: approval and execution need two people`;
  if (approval.clusterId !== plan.clusterId) {
    return `it is for cluster ${approval.clusterId}, and this is cluster ${plan.clusterId}`;
  }
  // Earlier versions wrote many plans without Chinese texts; such an approval covers the English ones.
  const digests = [plan, { ...plan, stepsZh: undefined }].map(planDigest);
  if (!digests.includes(approval.digest)) {
    return `it is for another plan (${approval.change} of ${approval.subject}, ${approval.digest}); this one is ${planDigest(plan)}`;
  }
  const begunMs = Date.parse(approvedAt);
  if (begunMs > now.getTime() + skewMs) return `it was signed in the future, at ${approvedAt}`;
  const endMs = Math.min(Date.parse(expiresAt), begunMs + validFor * 1000);
  if (now.getTime() >= endMs) return `it expired at ${new Date(endMs).toISOString()}`;
  return used.has(approval.id) ? 'it was used before: an approval is valid for one start' : undefined;
}
