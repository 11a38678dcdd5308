// Reads the options of a notice: its language, and whom and when it concerns.

import { AppError } from '../../core/errors.ts';
import { noticeLanguages, type Announced, type NoticeLanguage } from '../../ops/kafka/reassign/notice.ts';
import type { CommandIo, Option } from '../command.ts';

export const noticeOptions = {
  notice: { type: 'string', value: 'zh|en', help: 'also print a notice to the users concerned' },
  window: { type: 'string', value: 'TEXT', help: 'the time of the change for the notice' },
} as const satisfies Record<string, Option>;

/** @returns undefined when none was asked for. @throws AppError usage */
export function readLanguage(given: CommandIo['options'][string]): NoticeLanguage | undefined {
  if (given === undefined) return undefined;
  const language = noticeLanguages.find((each) => each === given);
  if (language !== undefined) return language;
  throw new AppError('usage', `--notice ${String(given)}: a notice is written in ${noticeLanguages.join(' or ')}`);
}

export const announcedIn = (options: CommandIo['options']): Announced => ({
  domains: [options['domain'] ?? []].flat().map(String),
  window: typeof options['window'] === 'string' ? options['window'] : undefined,
});
