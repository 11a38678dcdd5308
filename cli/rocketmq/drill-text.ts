// Renders a failover drill as text.

import type { DrillReport } from '../../ops/rocketmq/drill/facts.ts';
import type { DrillPlan } from '../../ops/rocketmq/drill/plan-drill.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { ifKnown } from '../../core/text/quantity-text.ts';

const modes = {
  dledger: 'DLedger: the followers elect one of them',
  controller: 'a controller names one of the replicas in sync',
  'acting-master': 'a slave serves reads while the master is down; writes have no failover',
  none: 'no automatic failover',
} as const;

/** What the drill may show, and what to set so that it does not. */
const alone =
  'the leader acknowledges before a follower has the message: acknowledged messages may be lost with the leader; allAckInSyncStateSet=true waits for all replicas in sync';

export function drillPlanText({ brokerName, mode, leader, followers, answersAlone }: DrillPlan): string {
  const isMeasured = mode === 'dledger' || mode === 'controller';
  return [
    `drill of ${brokerName}: ${modes[mode]}`,
    `leader ${leader}, followers ${followers.join(', ') || 'none'}`,
    ...(answersAlone ? [alone] : []),
    '',
    '1. a separate topic is created on the leader, and a message is sent to it ten times a second',
    `2. an operator stops the leader at ${leader} when asked; clients of ${brokerName} cannot write until another leads`,
    '3. measured: time without writes, when each name server lists the new leader and drops the failed one',
    '4. the operator starts it again; measured: its return to the routes, and when it has caught up',
    '5. every acknowledged message is read back, and the topic is deleted',
    '',
    isMeasured
      ? '--execute starts the drill after you confirm the cluster'
      : 'there is nothing to measure: see `plimsoll ops rocketmq switch`',
    '',
  ].join('\n');
}

const toTenths = (value: number | undefined) => value?.toFixed(1);

export function drillText(report: DrillReport): string {
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
    ...(lost > 0 && report.answersAlone ? [alone] : []),
    '',
  ].join('\n');
}
