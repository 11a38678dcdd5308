// Groups sends into transactions by time window, for both clients.

import { type Clock, type Seconds, untilAborted } from '../../core/clock.ts';
import { AppError, awaitedElsewhere, ignoreFault } from '../../core/errors.ts';
import type { Io, OutgoingBatch } from '../driver.ts';
import { toAppError } from './errors.ts';

/** Operations of a client in a transaction; one transaction is open at a time. */
export interface TransactionSteps {
  begin(): Promise<void>;
  /** Resolves when the batch is stored in the open transaction. */
  add(batch: OutgoingBatch): Promise<void>;
  commit(): Promise<void>;
  /** Leaves the producer ready for the next transaction. */
  abort(): Promise<void>;
}

interface Transaction {
  begun: Promise<void>;
  sends: Promise<void>[];
  outcome: PromiseWithResolvers<void>;
  /** Ends the transaction before its window is over. */
  fail: () => void;
  /** Rejects when the producer is closed. */
  closing: PromiseWithResolvers<never>;
}

export type TransactionWindows = ReturnType<typeof createTransactionWindows>;

export function createTransactionWindows(
  steps: TransactionSteps,
  { id, duration, clock, signal }: { id: string; duration: Seconds; clock: Clock; signal: AbortSignal },
) {
  let open: Transaction | undefined;
  /** End of the previous transaction, after which the next one begins. */
  let ended = Promise.resolve();
  /** Why no more sends are possible: another producer took over the id, or no coordinator answers for it. */
  let fault: AppError | undefined;
  let isClosed = false;
  const closed = new AppError('aborted', 'the producer was closed');
  /** Transactions that have not ended: the open one, and the previous one during its commit. */
  const live = new Set<Transaction>();

  function begin(): Transaction {
    const failed = Promise.withResolvers<void>();
    const begun = ended.then(() => {
      if (fault !== undefined) throw fault;
      return steps.begin();
    });
    const transaction: Transaction = {
      begun,
      sends: [],
      outcome: Promise.withResolvers(),
      fail: failed.resolve,
      closing: Promise.withResolvers(),
    };
    live.add(transaction);
    transaction.outcome.promise.catch(awaitedElsewhere);
    transaction.closing.promise.catch(awaitedElsewhere);
    begun.catch(failed.resolve);
    const isOver = begun.then(() => clock.sleep(duration, { signal }));
    ended = Promise.race([isOver.catch(ignoreFault('a failed start is reported by the window')), failed.promise]).then(
      () => end(transaction),
    );
    return transaction;
  }

  async function end(transaction: Transaction): Promise<void> {
    if (open === transaction) open = undefined;
    try {
      await transaction.begun;
      // A leader that does not answer must not keep the transaction open when the producer closes.
      const results = await Promise.race([transaction.closing.promise, Promise.allSettled(transaction.sends)]);
      const refused = results.find((result) => result.status === 'rejected');
      if (refused !== undefined) throw refused.reason;
      await steps.commit();
      transaction.outcome.resolve();
    } catch (cause) {
      const reason = toAppError(cause, { action: `commit transaction ${id}` });
      const message = `transaction ${id} was aborted: ${reason.message}`;
      transaction.outcome.reject(new AppError(reason.code, message, { cause, hint: reason.hint }));
      if (fault === undefined) await abort();
    } finally {
      live.delete(transaction);
    }
  }

  async function abort(): Promise<void> {
    try {
      await steps.abort();
    } catch (cause) {
      fault = toAppError(cause, { action: `abort transaction ${id}` });
    }
  }

  return {
    /** Resolves when the transaction with the batch is committed. @throws AppError when it was aborted */
    async send(batch: OutgoingBatch, io: Io): Promise<void> {
      io.signal.throwIfAborted();
      if (fault !== undefined) throw fault;
      if (isClosed) throw closed;
      const transaction = (open ??= begin());
      const sending = transaction.begun.then(() => steps.add(batch));
      sending.catch(transaction.fail);
      transaction.sends.push(sending);
      await untilAborted(transaction.outcome.promise, io.signal);
    },
    /** Refuses further batches and aborts the open transaction. @throws AppError when it may still be open */
    async close(io: Io): Promise<void> {
      isClosed = true;
      for (const transaction of live) {
        transaction.closing.reject(closed);
        transaction.fail();
      }
      try {
        await untilAborted(ended, io.signal);
        if (fault !== undefined) throw fault;
      } catch (cause) {
        const reason = toAppError(cause, { action: `abort transaction ${id}` });
        throw new AppError(reason.code, `transaction ${id} may still be open: ${reason.message}`, {
          cause,
          hint: 'read_committed consumers wait until the broker aborts it after its transaction timeout',
        });
      }
    },
  };
}
