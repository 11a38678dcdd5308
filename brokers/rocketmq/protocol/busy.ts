// Classifies why a busy broker rejected a request, by the broker's own saturation check.

import { AppError } from '../../../core/errors.ts';
import type { Response } from './frame.ts';

/** As counted and shown. */
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
  'request-rejected': 'since the page cache or the transient store pool is busy',
  'thread-pool-full': 'since the queue of its thread pool is full',
  'flow-control': 'by flow control',
};

/** @returns what a broker marked its remark with, also where a proxy passes it on */
export const markedBusy = (remark: string): Busy | undefined => marks.find(([mark]) => remark.includes(mark))?.[1];

/** @returns undefined when the response is of another kind; a busy broker that does not say why rejects the request */
export function whyBusy({ code, remark = '' }: Response): Busy | undefined {
  if (code === flowControl) return 'flow-control';
  if (code !== systemBusy) return undefined;
  return markedBusy(remark) ?? 'request-rejected';
}

/** Fault broker-busy, and which class of it. */
export class TurnedAway extends AppError {
  readonly busy: Busy;

  constructor(busy: Busy, attempt: string) {
    super('broker-busy', attempt);
    this.busy = busy;
  }
}

/** @returns undefined when no broker was busy, however often the fault was put in other words */
export function busyIn(cause: unknown): Busy | undefined {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (error instanceof TurnedAway) return error.busy;
  }
  return undefined;
}
