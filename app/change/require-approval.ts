// Writes the plan of a change for approval, and refuses to start a change without a required approval.

import { AppError } from '../../core/errors.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { ApprovablePlan, canonicalJson, planDigest } from '../../ops/change/approvable-plan.ts';
import { whyNotApproved } from '../../ops/change/approval.ts';
import { type AuditLine, usedApprovals } from '../../ops/change/audit.ts';
import { type Caller, stateFolderOf } from '../caller.ts';
import { type NamedEntry, verifyCluster } from '../observe/named-cluster.ts';
import { writeNew } from '../files/write-new.ts';
import { isNew, readApprovalFile } from './approval-files.ts';
import type { ChangeRules } from './change-rules.ts';
import { ownName } from './operator.ts';

/** Content of a change: as text for the approver, and as the exact values that are sent. */
export interface PlannedSteps {
  steps: readonly InLanguages<string>[];
  exact: object;
}

interface Named {
  change: string;
  subject: string;
}

const approvable = (
  { name, typed }: { name: string; typed: string },
  { change, subject }: Named,
  { exact, steps }: PlannedSteps,
): ApprovablePlan =>
  ApprovablePlan.parse({
    schemaVersion: 1,
    cluster: name,
    clusterId: typed,
    change,
    subject,
    steps: steps.map(({ en }) => en),
    stepsZh: steps.map(({ zh }) => zh),
    exact: JSON.parse(canonicalJson(exact)) as unknown,
  });

/** Plans of running commands: approved, or written for approval. */
const offered = new WeakMap<Caller, Named & { planned: PlannedSteps }>();

/**
 * Called once by each command that changes a cluster, after its plan is complete.
 *
 * @param verify returns the id or name of the cluster to approve
 * @throws AppError usage, wrong-cluster; file-exists, no-permission, no-space
 */
export async function offerForApproval(
  io: Caller,
  entry: NamedEntry,
  what: Named,
  planned: PlannedSteps,
  verify = () => verifyCluster(entry, io, { isRequired: false }),
): Promise<void> {
  if (planned.steps.length > 0) offered.set(io, { ...what, planned });
  const path = io.options['write-plan'];
  if (path === undefined) return;
  if (io.options['execute'] === true) throw new AppError('usage', '--write-plan and --execute exclude each other');
  if (planned.steps.length === 0) throw new AppError('usage', '--write-plan: there is nothing to change');
  const typed = await verify();
  const plan = approvable({ name: entry.name, typed }, what, planned);
  await writeNew(path, `${JSON.stringify(plan, undefined, 2)}\n`, { hint: isNew });
  io.stderr.write(`plan: ${path} (${planDigest(plan)})\nto approve it: plimsoll ops approve ${path} --key FILE\n`);
}

/** @throws AppError approval-missing, approval-refused */
export async function requireApproval(
  io: Caller,
  { approval: rules }: ChangeRules,
  cluster: { name: string; typed: string },
  what: Named,
): Promise<AuditLine['approval']> {
  const path = io.options['approval'];
  if (rules === undefined || (!rules.required && path === undefined)) return undefined;
  const { change, subject } = what;
  const known = offered.get(io);
  if (known === undefined || known.change !== change || known.subject !== subject) {
    throw new AppError(
      'approval-missing',
      `${change} of ${subject} has no plan that can be approved: nothing was changed`,
      { hint: 'this change cannot be written as a plan; docs/changes/change-rules.md lists those that can' },
    );
  }
  if (path === undefined) {
    throw new AppError(
      'approval-missing',
      `${change} of ${subject} needs the approval of a second person: nothing was changed`,
    );
  }
  const signed = await readApprovalFile(path, io);
  const plan = approvable(cluster, what, known.planned);
  const used = await usedApprovals(stateFolderOf(io));
  const refusal = whyNotApproved(signed, rules, { plan, users: executingUsers(io), now: io.clock.now(), used });
  if (refusal !== undefined) {
    throw new AppError(
      'approval-refused',
      `${path} does not approve ${change} of ${subject}: ${refusal}; nothing was changed`,
    );
  }
  const { id, digest, approver, approvedAt } = signed;
  io.stderr.write(`approved by ${approver} at ${approvedAt}\n`);
  return { id, digest, approver, approvedAt };
}

/** @returns names of the executing user, also behind sudo */
function executingUsers({ environment }: Caller): string[] {
  const { SUDO_USER, LOGNAME, USER } = environment;
  return [ownName(), SUDO_USER, LOGNAME, USER].filter((user) => user !== undefined);
}
