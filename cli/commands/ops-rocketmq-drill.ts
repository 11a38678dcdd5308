// Stops the leader of a RocketMQ broker group and measures the failover of its clients.

import { actionOf } from '../../app/change/run-change.ts';
import { runDrill } from '../../app/change/rocketmq/run-drill.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { exitCodes } from '../../core/errors.ts';
import { leaseOptions } from '../change/lease-options.ts';
import { rocketmqClusterOptions } from '../cluster-option.ts';
import { defineCommand } from '../command.ts';
import { duration, flag } from '../option.ts';
import { renderJson } from '../report.ts';
import { brokerOption } from '../rocketmq/change-options.ts';
import { drillPlanText, drillText } from '../rocketmq/drill-text.ts';

export const opsRocketmqDrillCommand = defineCommand({
  options: {
    ...rocketmqClusterOptions,
    broker: brokerOption('the broker group whose leader is stopped', 'stop the leader of which broker?'),
    execute: flag('create a topic, send to it, and measure while an operator stops the leader'),
    resume: flag('measure again after the process of the drill was stopped'),
    abort: flag('end the drill after its process was stopped: delete its topic'),
    wait: duration('how long to wait for each event, including the operator (default 5m)', 300),
    ...leaseOptions,
    json: flag('print one JSON document'),
  },
  examples: [
    'plimsoll ops rocketmq drill --cluster orders --broker broker-a',
    'plimsoll ops rocketmq drill --cluster orders --broker broker-a --execute --confirm DefaultCluster',
    'plimsoll ops rocketmq drill --cluster orders --broker broker-a --abort --confirm DefaultCluster',
  ],

  async run(io) {
    const { options, stdout } = io;
    const { broker: brokerName, wait: patience, json: isJson } = options;
    const named = await clusterOfKind(io, 'rocketmq');
    const drilled = await runDrill(io, named, { brokerName, action: actionOf(options), patience });
    const document = { schemaVersion: 1, cluster: named.name, status: drilled.status };
    switch (drilled.status) {
      case 'planned':
        stdout.write(isJson ? renderJson({ ...document, ...drilled.plan }) : drillPlanText(drilled.plan));
        return exitCodes.answered;
      case 'aborted':
        stdout.write(isJson ? renderJson(document) : `the drill of ${brokerName} is rolled back\n`);
        return exitCodes.answered;
      case 'done':
        stdout.write(isJson ? renderJson({ ...document, ...drilled.report }) : drillText(drilled.report));
        return drilled.report.messages.lost > 0 ? exitCodes.threshold : exitCodes.answered;
    }
  },
});
