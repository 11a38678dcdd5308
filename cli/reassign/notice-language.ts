// Reads the options of a notice: its language, the affected domains and the time.

import { noticeLanguages, type Announced } from '../../ops/change/notice.ts';
import { choice, list, option, text } from '../command.ts';

export const noticeOptions = {
  notice: option(
    'zh|en',
    'also print a notice for affected users',
    choice(noticeLanguages, `not a language of a notice: ${noticeLanguages.join(' or ')}`).optional(),
  ),
  window: text('TEXT', 'the time of the change for the notice'),
};

export const domainOption = list('NAME', 'a business domain for the notice');

type Given = { domain?: readonly string[]; window?: string | undefined };

export const announcedIn = ({ domain = [], window }: Given): Announced => ({ domains: domain, window });
