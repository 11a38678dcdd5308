// Stops the leader of a RocketMQ broker group and measures the failover of its clients.

import { createRocketmqAdmin } from '../../brokers/rocketmq/admin.ts';
import { openChangeDesk } from '../../brokers/rocketmq/changes/change-desk.ts';
import { createRocketmqTraffic } from '../../brokers/rocketmq/traffic.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { Duration } from '../../core/text/quantity.ts';
import { seconds } from '../../core/units.ts';
import { planDrill, runDrill } from '../../ops/rocketmq/drill/run-drill.ts';
import { takeLease } from '../../app/change/take-lease.ts';
import { leaseOptions } from '../change/lease-options.ts';
import { offerForApproval } from '../../app/change/require-approval.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { defineCommand } from '../command.ts';
import { flag, option } from '../option.ts';
import { confirm } from '../confirm.ts';
import { verifyCluster } from '../../app/observe/verify-cluster.ts';
import { brokerOption, rocketmqClusterOptions } from '../rocketmq/change-options.ts';
import { drillPlanText, drillText } from '../rocketmq/drill-text.ts';
import { renderJson } from '../report.ts';

export const opsRocketmqDrillCommand = defineCommand({
  name: 'ops rocketmq drill',
  options: {
    ...rocketmqClusterOptions,
    broker: brokerOption('the broker group whose leader is stopped', 'whose leader is stopped?'),
    execute: flag('make a topic, send to it, and measure while somebody stops the leader'),
    wait: option(
      'DURATION',
      'how long each thing is waited for, the operator included (default 5m)',
      Duration.default(seconds(300)),
    ),
    ...leaseOptions,
    json: flag('print one JSON document'),
  },
  examples: [
    'plimsoll ops rocketmq drill --cluster orders --broker broker-a',
    'plimsoll ops rocketmq drill --cluster orders --broker broker-a --execute --confirm DefaultCluster',
  ],

  async run(io) {
    const { options, stdout, stderr, clock } = io;
    const { broker: brokerName, wait: patience, json: isJson } = options;
    const { name, config } = await clusterOfKind(io, 'rocketmq');
    const typed = options.execute ? await verifyCluster({ name, config }, io) : undefined;
    await using desk = openChangeDesk(name, config);
    const plan = await planDrill(desk, brokerName, io);
    const planned = { steps: [`the leader of ${brokerName} is stopped`], exact: { brokerName } };
    await offerForApproval(io, { name, config }, { change: 'drill', subject: brokerName }, planned);
    if (typed === undefined) {
      stdout.write(
        isJson ? renderJson({ schemaVersion: 1, cluster: name, status: 'planned', ...plan }) : drillPlanText(plan),
      );
      return exitCodes.answered;
    }
    if (plan.mode === 'none' || plan.mode === 'acting-master') {
      throw new AppError(
        'change-refused',
        `${brokerName} has no automatic failover for writes: it has neither DLedger nor a controller`,
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
});
