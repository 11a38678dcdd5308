// Moves a consumer group for a command, or shows the result in advance.

import { openGroup, type OpenedGroup } from '../../app/change/offsets/open-group.ts';
import {
  continueMove as continueRequested,
  runMove as runRequested,
  type OffsetMove,
} from '../../app/change/offsets/run-move.ts';
import { sumsOf, type MoveState } from '../../app/change/offsets/move-state.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { exitCodes } from '../../core/errors.ts';
import { offsetNotice } from '../../ops/offsets/notice.ts';
import { hasColours } from '../command-line.ts';
import { printDocument } from '../command.ts';
import { moveDocument, moveText } from './move-text.ts';
import type { GroupMoveIo, MoveIo } from './offset-options.ts';

export async function runMove(io: MoveIo, opened: OpenedGroup, move: OffsetMove): Promise<number> {
  const { options, stderr, environment } = io;
  const state = await runRequested(io, opened, move, (begun) => {
    if (!options.json) stderr.write(moveText(begun, { colours: hasColours(stderr, environment) }));
  });
  const notice = noticeOf(io, opened, state);
  return print(io, { ...state, ...(notice !== undefined && { notice }) });
}

export async function continueMove(io: GroupMoveIo, action: 'resume' | 'abort'): Promise<number> {
  const opened = await openGroup(io);
  await using _ = opened.offsets;
  return print(io, await continueRequested(io, opened, { group: io.options.group, isBack: action === 'abort' }));
}

function print(io: MoveIo, shown: MoveState): number {
  printDocument(io, { schemaVersion: 1, ...moveDocument(shown) }, () =>
    moveText(shown, { colours: hasColours(io.stdout, io.environment) }),
  );
  return exitCodes.answered;
}

function noticeOf({ options }: MoveIo, { cluster, broker }: OpenedGroup, { group, plans }: MoveState) {
  const { notice: language, window } = options;
  const move = {
    cluster,
    group,
    topics: plans.map(({ topic }) => topic),
    ...sumsOf(plans),
    mustStop: traitsOf(broker).mustStopToMoveOffsets,
    ...(window !== undefined && { window }),
  };
  return language && offsetNotice(move, language);
}
