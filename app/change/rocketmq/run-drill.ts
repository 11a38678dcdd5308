// Plans, executes, resumes or aborts a failover drill as a change of the cluster.

import { createRocketmqAdmin } from '../../../brokers/rocketmq/admin.ts';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import { createRocketmqTraffic } from '../../../brokers/rocketmq/traffic.ts';
import { AppError } from '../../../core/errors.ts';
import type { Seconds } from '../../../core/clock.ts';
import { carryOut } from '../../../ops/change/carry-out.ts';
import type { HeldChange } from '../../../ops/change/held-journal.ts';
import { drillFacts, drillSteps, type DrillTools } from '../../../ops/rocketmq/drill/drill-steps.ts';
import { DrillFacts, type DrillReport } from '../../../ops/rocketmq/drill/facts.ts';
import { planDrill, type DrillPlan } from '../../../ops/rocketmq/drill/plan-drill.ts';
import type { Caller } from '../../caller.ts';
import { verifyCluster } from '../../observe/named-cluster.ts';
import { beginChange, claimsOf, continueBegun } from '../journaled-change.ts';
import { offerForApproval } from '../require-approval.ts';

export interface DrillRequest {
  brokerName: string;
  action: 'plan' | 'execute' | 'resume' | 'abort';
  /** Timeout of each wait, also for the operator. */
  patience: Seconds;
}

export type DrillState =
  { status: 'planned'; plan: DrillPlan } | { status: 'done'; report: DrillReport } | { status: 'aborted' };

/** @throws AppError usage, not-found; change-refused without automatic failover; drill-failed, after its topic is deleted */
export async function runDrill(
  io: Caller,
  entry: { name: string; config: RocketmqClusterConfig },
  { brokerName, action, patience }: DrillRequest,
): Promise<DrillState> {
  const { name, config } = entry;
  const claims = claimsOf(io, { cluster: name, change: 'drill', subject: brokerName }, 'rocketmq-changes');
  await using desk = openChangeDesk(name, config);

  if (action === 'resume' || action === 'abort') {
    const undoSummary = `The drill of ${brokerName} is rolled back in cluster ${name}.`;
    const { result } = await continueBegun(io, entry, { ...claims, schema: DrillFacts, action, undoSummary }, travel);
    return result;
  }

  const typed = action === 'execute' ? await verifyCluster(entry, io) : undefined;
  const plan = await planDrill(desk, brokerName, io);
  const stopped = {
    en: `the leader of ${brokerName} is stopped`,
    zh: `停止 ${brokerName} 的主节点`,
  };
  await offerForApproval(io, entry, claims, { steps: [stopped], exact: { brokerName } });
  if (typed === undefined) return { status: 'planned', plan };
  if (plan.mode === 'none' || plan.mode === 'acting-master') {
    throw new AppError(
      'change-refused',
      `${brokerName} has no automatic failover for writes: it has neither DLedger nor a controller`,
      { hint: '`plimsoll ops rocketmq switch` plans how a slave becomes the master' },
    );
  }
  const begun = { ...claims, summary: `A leader of cluster ${name} is stopped for it.`, facts: drillFacts(plan) };
  const { result } = await beginChange(io, { ...entry, typed }, begun, travel);
  return result;

  async function travel(held: HeldChange<DrillFacts>): Promise<DrillState> {
    const { clock, tell } = held;
    const { facts } = held.journal;
    await using traffic = await createRocketmqTraffic(name, config, io);
    await using admin = await createRocketmqAdmin(name, config, io);
    const tools: DrillTools = { desk, traffic, admin, clock, tell, patience };
    const arrival = await carryOut({ ...held, steps: drillSteps(facts, tools), rollsBackWhenStopped: true });
    const { report } = facts;
    return report === undefined || arrival.kind === 'rolled-back' ? { status: 'aborted' } : { status: 'done', report };
  }
}
