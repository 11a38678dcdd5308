// Runs a resend for a command, and prints its progress.

import { runResend as runRequested, type ResendRequest, type ResendState } from '../../app/change/resend/run-resend.ts';
import type { NamedCluster } from '../../app/observe/named-cluster.ts';
import { exitCodes } from '../../core/errors.ts';
import { hasColours } from '../command-line.ts';
import { printDocument } from '../command.ts';
import type { ResendIo } from './resend-options.ts';
import { defined } from '../../core/defined.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { blockerText } from '../../ops/change/step.ts';
import { messageName } from '../../ops/resend/message-name.ts';

/** @returns 0 if planned, done or ended, 6 while something blocks it */
export async function runResend(
  io: ResendIo,
  entry: Pick<NamedCluster, 'name' | 'config' | 'masks'>,
  request: ResendRequest,
): Promise<number> {
  const state = await runRequested(io, entry, request);
  printDocument(io, { schemaVersion: 1, ...resendDocument(state) }, () =>
    resendText(state, { colours: hasColours(io.stdout, io.environment) }),
  );
  return state.status === 'held' ? exitCodes.threshold : exitCodes.answered;
}

/** Members of the document, without `schemaVersion`. */
function resendDocument(state: ResendState): object {
  const { cluster, topic, status, plan, findings, evidence, holds, sent, journal } = state;
  return {
    cluster,
    topic,
    status,
    ...(plan && {
      read: plan.read,
      messages: plan.chosen.map((message) => ({
        message: messageName(message),
        ...(message.storedAtMs !== undefined && { storedAt: new Date(message.storedAtMs).toISOString() }),
        to: message.target,
      })),
    }),
    findings,
    evidence,
    holds: holds.map((hold) => blockerText(hold)),
    ...defined({ sentFile: sent, stateFile: journal }),
  };
}

const statusTexts = {
  planned: 'a plan, nothing was sent',
  held: 'interrupted; --resume continues, --abort ends it',
  done: 'done',
  'rolled-back': 'ended before all messages were sent',
} as const satisfies Record<ResendState['status'], string>;

const mostRows = 20;
const columns = columnsOf(['MESSAGE', 'STORED AT', 'TO']);

function resendText(state: ResendState, { colours }: { colours: boolean }): string {
  const { cluster, topic, status, plan, findings, evidence, holds, sent } = state;
  const rows = (plan?.chosen ?? [])
    .slice(0, mostRows)
    .map((message) => [
      messageName(message),
      message.storedAtMs === undefined ? '-' : new Date(message.storedAtMs).toISOString(),
      message.target,
    ]);
  const hidden = (plan?.chosen.length ?? 0) - rows.length;
  return [
    `resend of ${plain(topic)} on cluster ${plain(cluster)}: ${statusTexts[status]}\n`,
    ...(status === 'planned' && rows.length > 0 ? [renderTable(columns, rows, { colours })] : []),
    ...(status === 'planned' && hidden > 0 ? [`and ${countText(hidden)} more messages; --json lists all\n`] : []),
    ...findings.map(({ severity, message }) => `${severity}: ${plain(message)}\n`),
    ...evidence.map((line) => `${plain(line)}\n`),
    ...holds.map((hold) => `held: ${plain(blockerText(hold))}\n`),
    ...(sent === undefined ? [] : [`each message and its copy: ${sent}\n`]),
    ...(status === 'planned' && !findings.some(({ severity }) => severity === 'critical')
      ? ['\n--execute sends the messages. A message cannot be recalled.\n']
      : []),
  ].join('');
}
