// Plans, executes, resumes or aborts a failover drill as a change of the cluster.

import type { Finding } from '../../../core/documents/analysis.ts';
import { createRocketmqAdmin } from '../../../brokers/rocketmq/admin.ts';
import { openChangeDesk } from '../../../brokers/rocketmq/changes/change-desk.ts';
import type { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import { createRocketmqTraffic } from '../../../brokers/rocketmq/traffic.ts';
import { drill, drillFacts, drillFindings, type DrillTools } from '../../../ops/rocketmq/drill/drill-steps.ts';
import type { DrillReport } from '../../../ops/rocketmq/drill/facts.ts';
import { planDrill, type DrillPlan } from '../../../ops/rocketmq/drill/plan-drill.ts';
import { type Caller, lineWriter } from '../../caller.ts';
import { runChange, type ChangeRequest } from '../run-change.ts';

export type DrillState = { findings: readonly Finding[] } & (
  { status: 'planned'; plan: DrillPlan } | { status: 'done'; report: DrillReport } | { status: 'rolled-back' }
);

/** @throws AppError as `app/change/run-change.ts`; drill-failed, after its topic is deleted */
export async function runDrill(
  io: Caller<ChangeRequest>,
  { name, config }: { name: string; config: RocketmqClusterConfig },
  brokerName: string,
): Promise<DrillState> {
  await using desk = openChangeDesk(name, config);
  await using opened = new AsyncDisposableStack();
  const tools: DrillTools = {
    desk,
    traffic: {
      producer: async (options) => opened.use(await createRocketmqTraffic(name, config, io)).producer(options),
    },
    admin: {
      async deleteTopic(topic, within) {
        await using admin = await createRocketmqAdmin(name, config, within);
        await admin.deleteTopic(topic, within);
      },
    },
    clock: io.clock,
    tell: lineWriter(io),
    patience: io.options.wait,
    gone: io.options.gone ?? [],
  };
  const read: { plan?: DrillPlan } = {};
  const { status, facts, findings } = await runChange(
    io,
    { name, config },
    {
      kind: drill,
      subject: brokerName,
      tools,
      folder: 'rocketmq-changes',
      rollsBackWhenStopped: true,
      async plan(within, shown) {
        const plan = await planDrill(desk, brokerName, within);
        read.plan = plan;
        return { facts: drillFacts(plan, shown), findings: drillFindings(plan) };
      },
    },
  );
  if (status === 'planned' && read.plan !== undefined) return { status, findings, plan: read.plan };
  const { report } = facts;
  return report === undefined || status === 'rolled-back'
    ? { status: 'rolled-back', findings }
    : { status: 'done', findings, report };
}
