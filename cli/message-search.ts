// Declares and reads the options that select messages of a topic: where reading starts, and the search criteria.

import { headerFilter, type MessageFilter } from '../app/observe/message-filter.ts';
import type { ReadStart } from '../brokers/lookup.ts';
import { defined } from '../core/defined.ts';
import { AppError } from '../core/errors.ts';
import { momentOf } from '../ops/offsets/moment.ts';
import { type OptionValues, text } from './command.ts';

export const searchOptions = {
  key: text('KEY', 'only messages with this key'),
  header: text('NAME=VALUE', 'only messages with this header or property; NAME alone for any value'),
  contains: text('TEXT', 'only messages whose value contains this text'),
};

export const filterOf = ({ key, header, contains }: OptionValues<typeof searchOptions>): MessageFilter => ({
  ...headerFilter(header ?? ''),
  ...defined({ key, text: contains }),
});

/**
 * @param hint what is read without --since
 * @returns undefined if neither is given
 * @throws AppError usage
 */
export function readStart(
  { since, offset }: { since: string | undefined; offset: string | undefined },
  now: Date,
  hint: string,
): ReadStart | undefined {
  if (since !== undefined && offset !== undefined) {
    throw new AppError('usage', '--since and --offset exclude each other: give one of them');
  }
  if (since !== undefined) return { kind: 'time', atMs: momentOf(since, 'since', now, hint) };
  if (offset === undefined) return undefined;
  if (!/^\d{1,19}$/.test(offset)) {
    throw new AppError('usage', `--offset ${offset}: an offset is a whole number, 0 or more`);
  }
  return { kind: 'offset', offset: BigInt(offset) };
}
