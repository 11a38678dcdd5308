// Records in the history which service is the leader; a former leader's write is refused in the transaction that checks this.

import type { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../core/errors.ts';
import { inTransaction } from './open-database.ts';

/** Each method @throws AppError ledger-in-use, ledger-damaged, ledger-unwritable */
export type Terms = ReturnType<typeof termsIn>;

/** @param asFault converts exceptions of SQLite to faults */
export function termsIn(database: DatabaseSync, asFault: <Value>(act: () => Value) => Value) {
  const statements = asFault(() => ({
    select: database.prepare('SELECT term, holder FROM leadership'),
    update: database.prepare('UPDATE leadership SET term = term + 1, holder = ? WHERE term = ?'),
  }));

  function now() {
    const { term, holder } = statements.select.get() ?? {};
    return {
      /** Increases with each takeover: the fencing token. 0 before the first. */
      number: Number(term),
      /** Name of the instance; empty before the first. */
      holder: String(holder),
    };
  }

  function writeIn<Value>(term: number, write: () => Value): Value {
    return inTransaction(database, () => {
      const { number, holder } = now();
      if (number !== term) throw new AppError('leadership-lost', `instance ${holder} runs the scheduled jobs now`);
      return write();
    });
  }

  return {
    now: () => asFault(now),
    /** @returns the new term; undefined if another instance claimed it first */
    claim: (seen: number, holder: string) =>
      asFault(() => (Number(statements.update.run(holder, seen).changes) === 1 ? seen + 1 : undefined)),
    /**
     * Runs the write in one transaction with the check of the term.
     *
     * @throws AppError leadership-lost, and any fault of `write`; then nothing is written
     */
    write: <Value>(term: number, write: () => Value) => asFault(() => writeIn(term, write)),
  };
}
