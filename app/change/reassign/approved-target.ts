// Reads the placement of an approved plan: sizes and write rates change, so a new plan would be another one.

import { faultOf } from '../../../core/errors.ts';
import { ReassignFacts } from '../../../ops/kafka/execute/reassign-facts.ts';
import type { Assignment } from '../../../ops/kafka/reassign/files.ts';
import { readPlanFile } from '../approval-files.ts';
import type { ReassignCaller } from './reassign-request.ts';

const suffix = '.approval';

/**
 * The approval itself has only a digest, which is compared with the resulting plan.
 *
 * @returns the placement in `plan.json` if the approval is `plan.json.approval`
 */
export async function approvedTarget(io: ReassignCaller): Promise<Assignment['partitions'] | undefined> {
  const path = io.options.approval;
  if (!io.options.execute || path?.endsWith(suffix) !== true) return undefined;
  // Without the plan, a new one is made and compared with the approval.
  const plan = await readPlanFile(path.slice(0, -suffix.length), io).catch((cause: unknown) => void faultOf(cause, io));
  return ReassignFacts.pick({ target: true }).loose().safeParse(plan?.exact).data?.target;
}
