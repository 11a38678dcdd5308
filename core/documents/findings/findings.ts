// Lists the findings by code and creates them from facts. docs/reference/findings.md is generated from this table.

import type { Finding } from '../analysis.ts';
import { closedUp } from '../../text/punctuation.ts';
import { brokerFindings } from './broker-findings.ts';
import { byteFindings } from './byte-findings.ts';
import { closedLoopFindings } from './closed-loop-findings.ts';
import { deliveryFindings } from './delivery-findings.ts';
import { diskFindings } from './disk-findings.ts';
import { fileDoubtFindings } from './file-doubt-findings.ts';
import { fitFindings } from './fit-findings.ts';
import { gateFindings } from './gate-findings.ts';
import { generatorFindings } from './generator-findings.ts';
import { importFindings } from './import-findings.ts';
import { limitFindings, cpuLimitBelowCores } from './limit-findings.ts';
import { planningFindings } from './planning-findings.ts';
import { productionFindings } from './production-findings.ts';
import { resourceFindings } from './resource-findings.ts';
import { runFindings } from './run-findings.ts';
import { stepCheckFindings } from './step-check-findings.ts';
import { skewFindings } from './skew-findings.ts';
import { sourceFindings } from './source-findings.ts';
import { verdictFindings } from './verdict-findings.ts';
import { writtenArithmeticFindings } from './written-arithmetic-findings.ts';
import { writtenFindings } from './written-findings.ts';
import type { FindingEntry, FindingLanguage } from './finding-entry.ts';
import { gcFindings } from './gc-findings.ts';
import { followedGcFindings } from './followed-gc-findings.ts';
import { inputFindings } from './input-findings.ts';
import { quotaLimit } from './quota-findings.ts';
import { statedFigureFindings } from './stated-figure-findings.ts';

export const findingTable = {
  ...verdictFindings,
  ...skewFindings,
  ...deliveryFindings,
  ...runFindings,
  ...generatorFindings,
  ...closedLoopFindings,
  ...limitFindings,
  ...fitFindings,
  ...resourceFindings,
  ...diskFindings,
  ...gcFindings,
  ...followedGcFindings,
  ...productionFindings,
  ...planningFindings,
  ...byteFindings,
  ...writtenFindings,
  ...writtenArithmeticFindings,
  ...inputFindings,
  ...statedFigureFindings,
  ...brokerFindings,
  'cpu-limit-below-cores': cpuLimitBelowCores,
  'quota-limit': quotaLimit,
  ...sourceFindings,
  ...importFindings,
  ...fileDoubtFindings,
  ...gateFindings,
  ...stepCheckFindings,
};

export type FindingCode = keyof typeof findingTable;

/** Facts of each finding. */
export type FindingFacts = {
  [Code in FindingCode]: (typeof findingTable)[Code] extends FindingEntry<infer Facts> ? Facts : never;
};

const entries: { readonly [Code in FindingCode]: FindingEntry<FindingFacts[Code]> } = findingTable;

/** @returns the finding as printed and written to JSON, without evidence for unknown facts */
export function findingOf<Code extends FindingCode>(code: Code, facts: FindingFacts[Code]): Finding & { code: Code } {
  const entry: FindingEntry<FindingFacts[Code]> = entries[code];
  const { severity, evidence = {} } = entry;
  return {
    severity: typeof severity === 'function' ? severity(facts) : severity,
    code,
    message: entry.en(facts),
    messageZh: closedUp(entry.zh(facts)),
    evidence:
      typeof evidence === 'function'
        ? [...evidence(facts)]
        : Object.entries(evidence).flatMap(([name, read]) => {
            const value = read(facts);
            return value === undefined ? [] : [{ name, ...value }];
          }),
  };
}

/** @returns the message in the language; in English if an older document has no other */
export const findingMessage = (
  { message, messageZh }: Pick<Finding, 'message' | 'messageZh'>,
  language: FindingLanguage,
): string => (language === 'zh' ? (messageZh ?? message) : message);

/** @returns the finding of each example, for documentation */
export function findingExamples<Code extends FindingCode>(code: Code): (Finding & { code: Code })[] {
  const { examples }: FindingEntry<FindingFacts[Code]> = entries[code];
  return examples.map((facts) => findingOf(code, facts));
}

export const findingCodes = Object.keys(findingTable) as FindingCode[];
