// Refuses a change during a freeze or without a required approval, and returns what permitted it.

import { AppError } from '../../core/errors.ts';
import type { AuditLine } from '../../ops/change/audit.ts';
import { currentFreeze, endText, freezeText } from '../../ops/change/freeze.ts';
import type { Caller } from '../caller.ts';
import { changeRulesFor, type ChangeRules } from './change-rules.ts';
import { requireApproval } from './require-approval.ts';

export interface WantedChange {
  change: string;
  subject: string;
  /** The change is a rollback. */
  isBack?: boolean;
}

export type Permit = Pick<AuditLine, 'duringFreeze' | 'approval'>;

/**
 * @param cluster `typed`: name or id that its brokers report
 * @throws AppError change-frozen, approval-missing, approval-refused, usage; config-unreadable, config-invalid
 */
export async function permitChange(
  io: Caller,
  cluster: { name: string; typed: string },
  what: WantedChange,
): Promise<Permit> {
  const rules = await changeRulesFor(io, cluster);
  const frozen = checkFreeze(io, rules, what);
  // A resumed change was approved when it started.
  if (what.isBack === true || io.options['resume'] === true) return frozen;
  const approval = await requireApproval(io, rules, cluster, what);
  return { ...frozen, ...(approval && { approval }) };
}

function checkFreeze(
  { options, clock, stderr }: Caller,
  { freezes, clusters }: ChangeRules,
  { change, subject, isBack = false }: WantedChange,
): Pick<Permit, 'duringFreeze'> {
  const reason = overrideReason(options['during-freeze']);
  const [frozen] = clusters.flatMap((cluster) => {
    const span = currentFreeze(freezes, cluster, clock.now());
    return span === undefined ? [] : [{ cluster, span }];
  });
  if (frozen === undefined) return {};
  const { cluster, span } = frozen;
  const { freeze } = span;
  const what = `${cluster} is frozen ${endText(span)} (${freezeText(freeze)}): ${freeze.reason}`;
  if (isBack) {
    stderr.write(`${what}; rolling back is allowed during a freeze\n`);
    return {};
  }
  if (reason === undefined) {
    throw new AppError('change-frozen', `${change} of ${subject} is refused: ${what}; nothing was changed`);
  }
  stderr.write(`${what}; starting during the freeze: ${reason}\n`);
  return { duringFreeze: { freeze: freezeText(freeze), freezeReason: freeze.reason, reason } };
}

function overrideReason(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const reason = given.trim();
  if (reason.length >= shortestReason) return reason;
  throw new AppError(
    'usage',
    `--during-freeze ${JSON.stringify(given)}: give a reason of at least ${shortestReason} letters`,
  );
}

const shortestReason = 10;
