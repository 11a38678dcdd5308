// Classifies why a busy broker rejected a request, by the broker's own saturation check.

import { AppError } from '../../../core/errors.ts';
import type { Response } from './frame.ts';

/** Reasons for a rejection, as shown in metrics and messages. */
type Busy = 'timeout-clean-queue' | 'page-cache-busy' | 'request-rejected' | 'thread-pool-full' | 'flow-control';

const systemBusy = 2;
const flowControl = 215;

/** Marks at the start of a remark, as brokers of 4.x and 5.x write them. */
const marks: readonly (readonly [mark: string, busy: Busy])[] = [
  ['[TIMEOUT_CLEAN_QUEUE]', 'timeout-clean-queue'],
  ['[PCBUSY_CLEAN_QUEUE]', 'page-cache-busy'],
  ['[REJECTREQUEST]', 'request-rejected'],
  ['[OVERLOAD]', 'thread-pool-full'],
];

export const busyRemarks: Readonly<Record<Busy, string>> = {
  'timeout-clean-queue':
    'since it waited in the queue for longer than waitTimeMillsInSendQueue (transactions: waitTimeMillsInTransactionQueue)',
  'page-cache-busy': 'since writing to the page cache took longer than osPageCacheBusyTimeOutMills',
  'request-rejected': 'since the page cache or the transient store pool is busy, or it is no longer the master',
  'thread-pool-full': 'since the queue of its thread pool is full',
  'flow-control': 'by flow control',
};

/** @returns the reason in a broker's remark, also if a proxy passed the remark on */
export const markedBusy = (remark: string): Busy | undefined => marks.find(([mark]) => remark.includes(mark))?.[1];

/** @returns undefined unless the broker is busy; `request-rejected` if a busy broker gives no reason */
export function whyBusy({ code, remark = '' }: Response): Busy | undefined {
  if (code === flowControl) return 'flow-control';
  if (code !== systemBusy) return undefined;
  return markedBusy(remark) ?? 'request-rejected';
}

/** Fault broker-busy with its reason. */
export class TurnedAway extends AppError {
  readonly busy: Busy;

  constructor(busy: Busy, attempt: string) {
    super('broker-busy', attempt);
    this.busy = busy;
  }
}

/** @returns the reason if a busy broker is anywhere in the chain of causes, otherwise undefined */
export function busyIn(cause: unknown): Busy | undefined {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (error instanceof TurnedAway) return error.busy;
  }
  return undefined;
}
