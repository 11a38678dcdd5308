// Parses the memory of a process from /proc/PID/status.

import { wholeLines } from './whole-lines.ts';
import { defined } from '../../core/defined.ts';

interface PidMemory {
  residentBytes: number;
  anonymousBytes?: number;
  fileBytes?: number;
  sharedBytes?: number;
  swapBytes?: number;
}

/** Lines are `RssAnon:	  436212 kB`; the kinds of resident pages are shown since Linux 4.5. */
export function parsePidStatus(text: string): PidMemory | undefined {
  const bytes = new Map<string, number>();
  for (const line of wholeLines(text)) {
    const [, name, kibibytes] = /^(\w+):\s+(\d+) kB$/.exec(line) ?? [];
    if (name !== undefined) bytes.set(name, Number(kibibytes) * 1024);
  }
  const residentBytes = bytes.get('VmRSS');
  if (residentBytes === undefined) return undefined;
  return defined({
    residentBytes,
    anonymousBytes: bytes.get('RssAnon'),
    fileBytes: bytes.get('RssFile'),
    sharedBytes: bytes.get('RssShmem'),
    swapBytes: bytes.get('VmSwap'),
  });
}
