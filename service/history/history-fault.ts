// Maps failures of SQLite and of the file system to faults.

import { AppError, type FaultCode, fileFaultCodes } from '../../core/errors.ts';

/** Primary result codes, the low byte of the extended ones: sqlite.org/rescode.html. */
const codes: Readonly<Record<number, FaultCode>> = {
  5: 'ledger-in-use', // BUSY
  6: 'ledger-in-use', // LOCKED
  8: 'ledger-unwritable', // READONLY
  10: 'ledger-unwritable', // IOERR
  11: 'ledger-damaged', // CORRUPT
  13: 'ledger-full', // FULL
  14: 'ledger-unwritable', // CANTOPEN
  26: 'ledger-damaged', // NOTADB
};

/** Faults that a different place or more disk space may fix. */
const placeFaults: ReadonlySet<FaultCode> = new Set(['ledger-full', 'ledger-unwritable', 'no-space', 'no-permission']);

/**
 * @param attempt such as `cannot write the history /var/lib/plimsoll/ledger.sqlite`
 * @param placeHint hint for a file that cannot be written at its place; default: the hint about the history itself
 * @returns the cause itself if neither SQLite nor the file system caused it
 */
export function historyFault(attempt: string, cause: unknown, placeHint?: string): unknown {
  const { errcode, errstr, code: name = '', syscall, message } = cause as Failure;
  const ofFile = syscall === undefined ? undefined : (fileFaultCodes[name] ?? 'ledger-unwritable');
  const code = errcode === undefined ? ofFile : codes[errcode & 0xff];
  if (code === undefined) return cause;
  const hint = placeHint !== undefined && placeFaults.has(code) ? { hint: placeHint } : {};
  return new AppError(code, `${attempt}: ${errstr ?? message}`, { cause, ...hint });
}

/** SQLite sets `errcode` and `errstr`, the file system `code` and `syscall`. */
type Failure = NodeJS.ErrnoException & { errcode?: number; errstr?: string };
