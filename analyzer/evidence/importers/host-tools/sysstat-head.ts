// Parses the first line of sysstat output: host name, number of cores and date.

import { readDates, type LocalDate } from './printed-time.ts';

/** `Linux 6.18.44 (vm) 	11/20/26 	_x86_64_	(2 CPU)`; the date follows the locale. */
export function readSysstatHead(text: string): { hostName?: string; cores?: number; dates: LocalDate[] } {
  const [, host, rest = ''] = /^Linux \S+ \((.*?)\)(.*)$/m.exec(text) ?? [];
  const [, cores] = /\((\d+) CPU\)/.exec(rest) ?? [];
  return {
    ...(host !== undefined && host !== '' && { hostName: host }),
    ...(cores !== undefined && Number(cores) > 0 && { cores: Number(cores) }),
    dates: readDates(rest),
  };
}
