// What do clients of a RocketMQ broker group live through when its leader is lost? A drill, measured.

import { createRocketmqAdmin } from '../../brokers/rocketmq/admin.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { createRocketmqTraffic } from '../../brokers/rocketmq/traffic.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { planDrill, runDrill } from '../../ops/rocketmq/drill/run-drill.ts';
import { leaseOptions, takeLease } from '../change/command-lease.ts';
import { offerForApproval } from '../change/require-approval.ts';
import { clusterOfKind } from '../cluster-option.ts';
import type { Command } from '../command.ts';
import { confirm } from '../confirm.ts';
import { verifyCluster } from '../live-cluster.ts';
import { durationOption, rocketmqClusterOptions, textOption } from '../rocketmq/change-options.ts';
import { drillPlanText, drillText } from '../rocketmq/drill-text.ts';
import { renderJson } from '../report.ts';

const patienceSeconds = 300;

export const opsRocketmqDrillCommand = {
  name: 'ops rocketmq drill',
  options: {
    ...rocketmqClusterOptions,
    broker: { type: 'string', value: 'NAME', help: 'the broker group whose leader is stopped' },
    execute: { type: 'boolean', help: 'make a topic, send to it, and measure while somebody stops the leader' },
    wait: {
      type: 'string',
      value: 'DURATION',
      help: 'how long each thing is waited for, the operator included (default 5m)',
    },
    ...leaseOptions,
    json: { type: 'boolean', help: 'print one JSON document' },
  },
  examples: [
    'plimsoll ops rocketmq drill --cluster orders --broker broker-a',
    'plimsoll ops rocketmq drill --cluster orders --broker broker-a --execute --confirm DefaultCluster',
  ],

  async run(io) {
    const { options, stdout, stderr, clock } = io;
    const brokerName = textOption(options, 'broker', 'whose leader is stopped?');
    const patience = durationOption(options, 'wait', patienceSeconds);
    const { name, config } = await clusterOfKind(io, 'rocketmq');
    const typed = options['execute'] === true ? await verifyCluster({ name, config }, io) : undefined;
    await using desk = openChangeDesk(name, config);
    const plan = await planDrill(desk, brokerName, io);
    const planned = { steps: [`the leader of ${brokerName} is stopped`], exact: { brokerName } };
    await offerForApproval(io, { name, config }, { change: 'drill', subject: brokerName }, planned);
    const isJson = options['json'] === true;
    if (typed === undefined) {
      stdout.write(
        isJson ? renderJson({ schemaVersion: 1, cluster: name, status: 'planned', ...plan }) : drillPlanText(plan),
      );
      return exitCodes.answered;
    }
    if (plan.mode === 'none' || plan.mode === 'acting-master') {
      throw new AppError(
        'change-refused',
        `nobody takes the writes of ${brokerName} over by itself: it has neither DLedger nor a controller`,
        {
          hint: '`plimsoll ops rocketmq switch` plans how a slave becomes the master',
        },
      );
    }
    await confirm(io, typed, `A leader of cluster ${name} is stopped for it.`);
    await using _ = await takeLease(io, { name, config, typed }, { change: 'drill', subject: brokerName });
    await using traffic = await createRocketmqTraffic(name, config, io);
    await using admin = await createRocketmqAdmin(name, config, io);
    const tell = (line: string) => stderr.write(`${line}\n`);
    const report = await runDrill(plan, { desk, traffic, admin, clock, tell, patience }, io);
    stdout.write(
      isJson ? renderJson({ schemaVersion: 1, cluster: name, status: 'done', ...report }) : drillText(report),
    );
    return report.messages.lost > 0 ? exitCodes.threshold : exitCodes.answered;
  },
} satisfies Command;
