// Prints the state of an administrative change as text or as one document.

import type { ChangeState } from '../../app/change/run-change.ts';
import { exitCodes } from '../../core/errors.ts';
import { type CommandIo, printDocument } from '../command.ts';
import type { StepRecord } from '../../ops/change/journal.ts';
import { blockerText, undoText } from '../../ops/change/step.ts';
import type { NoticeLanguage } from '../../ops/change/notice.ts';
import type { FindingLanguage } from '../../core/documents/findings/finding-entry.ts';
import { textIn } from '../../core/text/bilingual.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';

/** @returns as `exitOf` */
export function printChange<Facts>(
  io: CommandIo<{ json: boolean }>,
  state: ChangeState<Facts>,
  announced: ChangeNotices = {},
): number {
  const { notice } = announced;
  const text = () => changeText(state) + (notice === undefined ? '' : `\n${notice}`);
  printDocument(io, changeDocument(state, announced), text);
  return exitOf(state);
}

/** @returns 0 if planned, done, or rolled back on request; 6 while something blocks the change or made it roll back */
export const exitOf = ({ status, holds }: Pick<ChangeState<object>, 'status' | 'holds'>): number =>
  status === 'held' || (status === 'rolled-back' && holds.length > 0) ? exitCodes.threshold : exitCodes.answered;

function stateOf(record: StepRecord | undefined): 'to do' | 'begun' | 'done' | 'undone' {
  if (record?.undoneAt !== undefined) return 'undone';
  if (record?.doneAt !== undefined) return 'done';
  return record?.begunAt === undefined ? 'to do' : 'begun';
}

/** Renders a RocketMQ change as text and as a document. */
export function changeText<Facts>(state: ChangeState<Facts>): string {
  const { cluster, change, subject, status, findings, steps, records, holds, path } = state;
  const isRefused = findings.some(({ severity }) => severity === 'critical');
  const found = findings.map(({ severity, message }) => `${severity}: ${message}`);
  if (steps.length === 0) {
    const outcome = isRefused ? 'refused, nothing was changed' : 'nothing to change';
    return [`${change} of ${subject} on cluster ${cluster}: ${outcome}`, ...found, ''].map(plain).join('\n');
  }
  const recordOf = (id: string) => records.find((record) => record.id === id);
  const table = renderTable(
    columnsOf(['STEP', 'BY', 'STATE', 'WHAT']),
    steps.map(({ id, by = 'plimsoll', description }) => [id, by, stateOf(recordOf(id)), description]),
  );
  const hands = steps.flatMap(({ by, id, how = [] }) =>
    by === 'operator' ? [`${id}, by an operator:`, ...how.map((line) => `  ${textIn(line, 'en')}`)] : [],
  );
  const held =
    { planned: 'blocked now by:', 'rolled-back': 'rolled back because:' }[status as string] ?? 'held back by:';
  return [
    `${change} of ${subject} on cluster ${cluster}: ${statusTexts[status]}`,
    '',
    table,
    ...(hands.length === 0 || status === 'done' || status === 'rolled-back' ? [] : [...hands, '']),
    ...(status === 'planned' ? ['undo:', ...steps.map(({ id, undo }) => `  ${id}: ${undoText(undo)}`), ''] : []),
    ...found,
    ...(holds.length === 0 ? [] : [held, ...holds.map((hold) => `  ${blockerText(hold)}`)]),
    ...(status === 'planned'
      ? [
          '',
          isRefused
            ? '--execute refuses this plan until its critical findings are resolved'
            : `--execute carries the plan out after you confirm the cluster; progress is recorded in ${path}`,
        ]
      : []),
    ...(status === 'held' ? ['', '--resume continues, --abort rolls back'] : []),
    '',
  ]
    .map((line) => (line === table ? line : plain(line)))
    .join('\n');
}

const statusTexts = {
  planned: 'a plan, nothing was changed',
  held: 'started, held back',
  done: 'done',
  'rolled-back': 'rolled back',
} as const;

/** Notices to those whom a change concerns, and the one in the requested language. */
interface ChangeNotices {
  notice?: string | undefined;
  notices?: Readonly<Record<NoticeLanguage, string>>;
}

export function changeDocument<Facts>(state: ChangeState<Facts>, { notice, notices }: ChangeNotices = {}): object {
  const { facts, steps, records, holds, path, ...rest } = state;
  return {
    schemaVersion: 2,
    ...rest,
    facts,
    steps: steps.map(({ id, by = 'plimsoll', description, zh, how, undo }) => {
      const record = records.find((each) => each.id === id);
      const textsIn = (language: FindingLanguage) => ({
        says: textIn({ en: description, zh }, language),
        ...(how && { how: how.map((line) => textIn(line, language)) }),
        undo: undoText(undo, language),
        evidence: (record?.evidence ?? []).map((line) => textIn(line, language)),
      });
      return { id, by, ...textsIn('en'), state: stateOf(record), zh: textsIn('zh') };
    }),
    holds: holds.map(({ until, ...texts }) => ({ ...texts, ...(until && { until: until.toISOString() }) })),
    stateFile: path,
    ...(notice !== undefined && { notice }),
    ...(notices && { notices }),
  };
}
