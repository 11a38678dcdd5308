// Computes how long unanswered sends are awaited after the last message was sent.

import type { Workload } from '../plan/workload.ts';

/** What is unanswered when the last message was sent is waited for so long. */
const usualSeconds = 5;
/**
 * A broker of RocketMQ asks for an outcome transactionTimeOut (6 s) after the half, when it looks the next time:
 * transactionCheckInterval is 30 s on 5.x and 60 s on 4.9.
 */
const checkedSeconds = 90;

const leavesChecks = ({ transactions }: Pick<Workload, 'transactions'>): boolean =>
  (transactions?.leftToCheck ?? 0) > 0;

/** A send of Kafka is answered when its transaction commits. @returns seconds after the last message was sent */
export const answerSecondsOf = (workload: Pick<Workload, 'transactions'>): number =>
  leavesChecks(workload) ? checkedSeconds : usualSeconds + (workload.transactions?.duration ?? 0);
