// Moves a consumer group for a command, or shows where it would go.

import type { OpenedGroup } from '../../app/change/offsets/open-group.ts';
import { runMove as runRequested, type OffsetMove } from '../../app/change/offsets/run-move.ts';
import { sumsOf } from '../../app/change/offsets/move-state.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { exitCodes } from '../../core/errors.ts';
import { offsetNotice } from '../../ops/offsets/notice.ts';
import { hasColours } from '../command-line.ts';
import { renderJson } from '../report.ts';
import { moveDocument, moveText } from './move-text.ts';
import type { MoveIo } from './offset-options.ts';

export async function runMove(io: MoveIo, opened: OpenedGroup, asked: OffsetMove): Promise<number> {
  const { options, stdout, stderr, environment } = io;
  const notice = noticeOf(io, opened, asked);
  const told = await runRequested(io, opened, asked, (move) => {
    if (!options.json) stderr.write(moveText(move, { colours: hasColours(stderr, environment) }));
  });
  const shown = { ...told, ...(notice !== undefined && { notice }) };
  stdout.write(
    options.json
      ? renderJson({ schemaVersion: 1, ...moveDocument(shown) })
      : moveText(shown, { colours: hasColours(stdout, environment) }),
  );
  return exitCodes.answered;
}

function noticeOf({ options }: MoveIo, { cluster, broker }: OpenedGroup, { group, plans }: OffsetMove) {
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
