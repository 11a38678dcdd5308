// Stops the leader of a RocketMQ broker group and measures the failover of its clients.

import { runDrill } from '../../app/change/rocketmq/run-drill.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { exitCodes } from '../../core/errors.ts';
import { leaseOptions } from '../change/administration-options.ts';
import { rocketmqClusterOptions } from '../options.ts';
import { defineCommand, duration, flag, list, renderJson } from '../command.ts';
import { brokerOption } from '../rocketmq/run-change.ts';
import type { DrillReport } from '../../ops/rocketmq/drill/facts.ts';
import type { DrillPlan } from '../../ops/rocketmq/drill/plan-drill.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { ifKnown } from '../../core/text/quantity-text.ts';

export const opsRocketmqDrillCommand = defineCommand({
  options: {
    ...rocketmqClusterOptions,
    broker: brokerOption('the broker group whose leader is stopped'),
    execute: flag('create a topic, send to it, and measure while an operator stops the leader'),
    resume: flag('measure again after the process of the drill was stopped'),
    abort: flag('end the drill after its process was stopped: delete its topic'),
    wait: duration('how long to wait for each event, including the operator (default 5m)', 300),
    gone: list(
      'ADDRESS',
      'with --abort: a member that will never return, such as 10.0.0.5:10911; the topic is not deleted there',
    ),
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
    const { broker: brokerName, json: isJson } = options;
    const named = await clusterOfKind(io, 'rocketmq');
    const drilled = await runDrill(io, named, brokerName);
    const { status, findings } = drilled;
    const document = { schemaVersion: 2, cluster: named.name, status, findings };
    switch (drilled.status) {
      case 'planned':
        stdout.write(isJson ? renderJson({ ...document, ...drilled.plan }) : drillPlanText(drilled.plan, findings));
        return exitCodes.answered;
      case 'rolled-back':
        stdout.write(isJson ? renderJson(document) : `the drill of ${brokerName} is rolled back\n`);
        return exitCodes.answered;
      case 'done':
        stdout.write(isJson ? renderJson({ ...document, ...drilled.report }) : drillText(drilled.report, findings));
        return drilled.report.messages.lost > 0 ? exitCodes.threshold : exitCodes.answered;
    }
  },
});

const modes = {
  dledger: 'DLedger: the followers elect one of them',
  controller: 'a controller names one of the replicas in sync',
  'acting-master': 'a slave serves reads while the master is down; writes have no failover',
  none: 'no automatic failover',
} as const;

const textsOf = (findings: readonly Finding[]) =>
  findings.map(({ severity, message }) => `${severity}: ${plain(message)}`);

export function drillPlanText(
  { brokerName, mode, leader, followers }: DrillPlan,
  findings: readonly Finding[],
): string {
  return [
    `drill of ${brokerName}: ${modes[mode]}`,
    `leader ${leader}, followers ${followers.join(', ') || 'none'}`,
    ...textsOf(findings),
    '',
    '1. a separate topic is created on the leader, and a message is sent to it ten times a second',
    `2. an operator stops the leader at ${leader} when asked; clients of ${brokerName} cannot write until another leads`,
    '3. measured: time without writes, when each name server lists the new leader and drops the failed one',
    '4. the operator starts it again; measured: its return to the routes, and when it has caught up',
    '5. every acknowledged message is read back, and the topic is deleted',
    '',
    ...(findings.some(({ severity }) => severity === 'critical')
      ? []
      : ['--execute starts the drill after you confirm the cluster', '']),
  ].join('\n');
}

const toTenths = (value: number | undefined) => value?.toFixed(1);

function drillText(report: DrillReport, findings: readonly Finding[]): string {
  const { brokerName, leader, newLeader, secondsWithoutWrites, servers, caughtUpSeconds, messages } = report;
  const { acknowledged, retried, failedAttempts, lost, doubled, outOfOrder } = messages;
  return [
    `${brokerName}: ${leader} was lost, ${newLeader} leads`,
    `no write was acknowledged for ${durationText(secondsWithoutWrites)}`,
    '',
    renderTable(
      columnsOf(['NAME SERVER', '>NEW LEADER s', '>OLD LEADER GONE s', '>BACK AGAIN s']),
      servers.map(({ server, newLeaderSeconds, deadLeftSeconds, returnedSeconds }) => [
        server,
        toTenths(newLeaderSeconds),
        toTenths(deadLeftSeconds),
        toTenths(returnedSeconds),
      ]),
    ),
    `after its restart, it caught up in ${ifKnown(caughtUpSeconds, durationText) ?? 'unknown time'}`,
    `${acknowledged} messages acknowledged, ${retried} of them after ${failedAttempts} failed attempts; ${lost} lost, ${doubled} stored twice, ${outOfOrder} out of order`,
    ...textsOf(findings),
    '',
  ].join('\n');
}
