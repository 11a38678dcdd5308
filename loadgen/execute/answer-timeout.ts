// Computes how long unanswered sends are awaited after the last message was sent.

import type { Workload } from '../plan/workload.ts';

/** Wait for unanswered sends after the last message was sent. */
const usualSeconds = 5;
/**
 * RocketMQ brokers check a half message once it is older than transactionTimeOut (6 s), at the next periodic check:
 * transactionCheckInterval is 30 s on 5.x and 60 s on 4.9.
 */
const checkedSeconds = 90;

const leavesChecks = ({ transactions }: Pick<Workload, 'transactions'>): boolean =>
  (transactions?.leftToCheck ?? 0) > 0;

/**
 * In Kafka, a transactional send is acknowledged when its transaction commits.
 * @returns seconds after the last message was sent
 */
export const answerSecondsOf = (workload: Pick<Workload, 'transactions'>): number =>
  leavesChecks(workload) ? checkedSeconds : usualSeconds + (workload.transactions?.duration ?? 0);
