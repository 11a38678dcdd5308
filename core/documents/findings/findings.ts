// Lists the findings by code and makes them from facts. docs/findings.md is generated from this table.

import type { Finding } from '../analysis.ts';
import {
  flushLimit,
  gcLimit,
  networkThreadsBusy,
  replicationLimit,
  requestHandlersBusy,
  sendQueueLimit,
  type BusyPoolFacts,
  type FlushFacts,
  type GcFacts,
  type ReplicationFacts,
  type SendQueueFacts,
} from './broker-findings.ts';
import { cpuLimitBelowCores, type CpuLimitFacts } from './cpu-limit-findings.ts';
import type { FindingEntry, FindingLanguage } from './finding-entry.ts';
import { slowSecondsWithGc, slowSecondsWithoutGc, type SlowSecondsFacts } from './gc-findings.ts';
import {
  limitCauseUnknown,
  notMonitored,
  statedCoresContradicted,
  statedLinkSpeedContradicted,
  type CoresFacts,
  type LimitCauseUnknownFacts,
  type LinkSpeedFacts,
  type NotMonitoredFacts,
} from './input-findings.ts';
import { connectionsLimit, quotaLimit, type ConnectionsFacts, type QuotaFacts } from './quota-findings.ts';
import {
  clockContradicted,
  statedMessageSizeContradicted,
  statedReplicasContradicted,
  type ClockFacts,
  type MessageSizeFacts,
  type ReplicasFacts,
} from './stated-figure-findings.ts';

/** What each finding is made of. */
export interface FindingFacts {
  'not-monitored': NotMonitoredFacts;
  'limit-cause-unknown': LimitCauseUnknownFacts;
  'stated-link-speed-contradicted': LinkSpeedFacts;
  'stated-cores-contradicted': CoresFacts;
  'cpu-limit-below-cores': CpuLimitFacts;
  'stated-message-size-contradicted': MessageSizeFacts;
  'stated-replicas-contradicted': ReplicasFacts;
  'clock-contradicted': ClockFacts;
  'quota-limit': QuotaFacts;
  'connections-limit': ConnectionsFacts;
  'request-handlers-busy': BusyPoolFacts;
  'network-threads-busy': BusyPoolFacts;
  'gc-limit': GcFacts;
  'gc-in-slow-seconds': SlowSecondsFacts;
  'slow-seconds-without-gc': SlowSecondsFacts;
  'send-queue-limit': SendQueueFacts;
  'replication-limit': ReplicationFacts;
  'flush-limit': FlushFacts;
}
export type FindingCode = keyof FindingFacts;

export const findingTable: { readonly [Code in FindingCode]: FindingEntry<FindingFacts[Code]> } = {
  'not-monitored': notMonitored,
  'limit-cause-unknown': limitCauseUnknown,
  'stated-link-speed-contradicted': statedLinkSpeedContradicted,
  'stated-cores-contradicted': statedCoresContradicted,
  'cpu-limit-below-cores': cpuLimitBelowCores,
  'stated-message-size-contradicted': statedMessageSizeContradicted,
  'stated-replicas-contradicted': statedReplicasContradicted,
  'clock-contradicted': clockContradicted,
  'quota-limit': quotaLimit,
  'connections-limit': connectionsLimit,
  'request-handlers-busy': requestHandlersBusy,
  'network-threads-busy': networkThreadsBusy,
  'gc-limit': gcLimit,
  'gc-in-slow-seconds': slowSecondsWithGc,
  'slow-seconds-without-gc': slowSecondsWithoutGc,
  'send-queue-limit': sendQueueLimit,
  'replication-limit': replicationLimit,
  'flush-limit': flushLimit,
};

/** @returns the finding as it is printed and written to JSON; evidence that the facts do not hold is left out */
export function findingOf<Code extends FindingCode>(
  code: Code,
  facts: FindingFacts[Code],
  language: FindingLanguage = 'en',
): Finding & { code: Code } {
  const { severity, text, evidence }: FindingEntry<FindingFacts[Code]> = findingTable[code];
  return {
    severity,
    code,
    message: text[language](facts),
    evidence: Object.entries(evidence).flatMap(([name, read]) => {
      const value = read(facts);
      return value === undefined ? [] : [{ name, ...value }];
    }),
  };
}

/** @returns the finding of each example, such as for the documentation */
export function findingExamples<Code extends FindingCode>(
  code: Code,
  language: FindingLanguage,
): (Finding & { code: Code })[] {
  const { examples }: FindingEntry<FindingFacts[Code]> = findingTable[code];
  return examples.map((facts) => findingOf(code, facts, language));
}

export const findingCodes = Object.keys(findingTable) as FindingCode[];
