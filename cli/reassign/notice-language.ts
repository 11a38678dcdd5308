// In which language is a notice written?

import { AppError } from '../../core/errors.ts';
import { noticeLanguages, type NoticeLanguage } from '../../ops/kafka/reassign/notice.ts';
import type { CommandIo } from '../command.ts';

/** @returns undefined when none was asked for. @throws AppError usage */
export function readLanguage(given: CommandIo['options'][string]): NoticeLanguage | undefined {
  if (given === undefined) return undefined;
  const language = noticeLanguages.find((each) => each === given);
  if (language !== undefined) return language;
  throw new AppError('usage', `--notice ${String(given)}: a notice is written in ${noticeLanguages.join(' or ')}`);
}
