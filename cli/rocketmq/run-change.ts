// Runs a change of a RocketMQ cluster for a command, and prints its progress.

import { runChange as runRequested, type RequestedChange } from '../../app/change/rocketmq/run-change.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { exitCodes } from '../../core/errors.ts';
import { announcedIn } from '../reassign/notice-language.ts';
import { renderJson } from '../command.ts';
import type { ChangeIo } from './change-options.ts';
import { changeDocument, changeText, noticeOf } from '../change/change-text.ts';

/** @returns 0 if planned, done or aborted, 6 while something blocks the change */
export async function runChange<Facts extends object>(io: ChangeIo, change: RequestedChange<Facts>): Promise<number> {
  const { options, stdout } = io;
  const state = await runRequested(io, await clusterOfKind(io, 'rocketmq'), change);
  const said = change.kind.notice(state.facts);
  const notices = { en: noticeOf(said, announcedIn(options), 'en'), zh: noticeOf(said, announcedIn(options), 'zh') };
  const notice = options.notice && notices[options.notice];
  if (options.json) stdout.write(renderJson(changeDocument(state, notice, notices)));
  else stdout.write(changeText(state) + (notice === undefined ? '' : `\n${notice}`));
  return state.status === 'held' ? exitCodes.threshold : exitCodes.answered;
}
