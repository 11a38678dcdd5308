// Maps SQLite result codes to faults.

import { AppError, type FaultCode } from '../../core/errors.ts';

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

/** @param attempt such as `cannot write the history /var/lib/plimsoll/ledger.sqlite` */
export function historyFault(attempt: string, cause: unknown): unknown {
  const { errcode, errstr } = cause as { errcode?: number; errstr?: string };
  const code = errcode === undefined ? undefined : codes[errcode & 0xff];
  return code === undefined ? cause : new AppError(code, `${attempt}: ${errstr ?? 'SQLite refuses'}`, { cause });
}
