// Declares `plimsoll ops kafka reassign`, and prints its plan, files and result.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitOf } from '../../app/change/reassign/execute-plan.ts';
import {
  outcomeOf,
  reassignDocument,
  runReassignment,
  type Reassigned,
} from '../../app/change/reassign/run-reassignment.ts';
import { AppError, exitCodes, fileFaultCodes } from '../../core/errors.ts';
import { noticeTexts } from '../../ops/change/notice.ts';
import { reassignNotice } from '../../ops/kafka/reassign/notice.ts';
import { scriptFiles } from '../../ops/kafka/reassign/script-files.ts';
import { defineCommand, renderJson } from '../command.ts';
import { announcedIn } from '../reassign/notice-language.ts';
import { executedText, planText, countsText, reassignView } from '../reassign/plan-text.ts';
import { reassignOptions, type ReassignIo } from '../reassign/reassign-options.ts';
import { makeFolder } from '../../core/files.ts';
import type { Controlled } from '../../app/change/reassign/control-change.ts';

export const opsKafkaReassignCommand = defineCommand({
  options: reassignOptions,
  examples: [
    'plimsoll ops kafka reassign --assignment examples/reassignment/current.json --brokers examples/reassignment/brokers.json --add 4',
    'plimsoll ops kafka reassign --assignment current.json --brokers brokers.json --topics "order-.*" --notice zh',
    'plimsoll ops kafka reassign --cluster orders --remove 3 --network 10gbit',
    'plimsoll ops kafka reassign --cluster orders --add 4 --topics top-tps:20 --network 10gbit --execute',
    'plimsoll ops kafka reassign --cluster orders --abort',
  ],

  async run(io) {
    const done = await runReassignment(io, {
      view: () => reassignView(io),
      plan({ plan, findings }) {
        if (!io.options.json) io.stderr.write(`${planText(plan, findings)}\n`);
      },
    });
    if (done.kind === 'controlled') return tellControlled(io, done.controlled);
    await finish(io, done);
    return done.executed === undefined ? exitCodes.answered : exitOf(done.executed);
  },
});

async function finish(
  { options, stdout }: ReassignIo,
  { made, executed }: Extract<Reassigned, { kind: 'planned' }>,
): Promise<void> {
  const { plan, findings, servers } = made;
  const notices = noticeTexts(reassignNotice(plan), announcedIn(options));
  const notice = options.notice && notices[options.notice];
  if (options.files !== undefined)
    await writeFiles(
      options.files,
      new Map([...scriptFiles(plan, servers), ...(notice === undefined ? [] : [['notice.txt', notice] as const])]),
    );
  if (options.json) {
    stdout.write(renderJson(reassignDocument(made, { notice, notices }, executed)));
    return;
  }
  if (executed === undefined) stdout.write(planText(plan, findings));
  else stdout.write(executedText(executed));
  if (notice !== undefined) stdout.write(`\n${notice}`);
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  try {
    makeFolder(folder);
    for (const [name, text] of files) await writeFile(join(folder, name), text, { flag: 'wx' });
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const fault = code === 'EEXIST' ? 'file-exists' : (fileFaultCodes[code] ?? 'no-permission');
    throw new AppError(fault, `cannot write into ${folder}: ${message}`, {
      cause,
      ...(code === 'EEXIST' && { hint: 'give --files a folder that does not exist yet' }),
    });
  }
}

/** @returns the exit code */
function tellControlled({ options, stdout }: Pick<ReassignIo, 'options' | 'stdout'>, controlled: Controlled): number {
  if (controlled.kind !== 'requested') {
    stdout.write(
      options.json ? `${JSON.stringify(controlledDocument(controlled), undefined, 2)}\n` : controlledText(controlled),
    );
  }
  if (controlled.kind !== 'executed') return exitCodes.answered;
  return exitOf(controlled.executed, options.abort ? 'rolled-back' : 'done');
}

type ControlOutcome = Exclude<Controlled, { kind: 'requested' }>;

function controlledDocument(controlled: ControlOutcome): object {
  switch (controlled.kind) {
    case 'cancelled':
      return { schemaVersion: 2, status: 'rolled-back', undone: controlled.undone };
    case 'executed':
      return { schemaVersion: 2, ...outcomeOf(controlled.executed) };
    case 'status': {
      const { state, path, progress, owner } = controlled;
      const { facts, ...journal } = state;
      return { isHeld: owner !== undefined, path, ...progress, ...facts, ...journal };
    }
  }
}

function controlledText(controlled: ControlOutcome): string {
  switch (controlled.kind) {
    case 'cancelled':
      return 'Nothing moves and no throttle is set. Replicas that were moved stay where they are.\n';
    case 'executed':
      return executedText(controlled.executed);
    case 'status': {
      const { state, progress, owner } = controlled;
      const work = owner === undefined ? 'no process is running it' : `carried out by ${owner}`;
      return `${state.cluster}: going ${state.direction}, ${countsText(progress)}, ${progress.moving} move; ${work}; last: ${state.log.at(-1)?.says ?? 'not started'}\n`;
    }
  }
}
