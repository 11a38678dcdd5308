// Groups findings that differ only in the broker that they are about.

import { named } from '../../text/bilingual.ts';
import { maskNames, wholeName } from '../../text/mask-names.ts';
import { nodeText } from '../../text/quantity-text.ts';
import type { Finding } from '../analysis.ts';

export interface AlikeFindings {
  finding: Finding;
  /** Further brokers with the same finding. */
  others: readonly string[];
}

/**
 * A finding of each broker of a large cluster would hide all others. Grouped are those about one broker, with the same text but for the
 * names of the broker and its host, and without evidence.
 */
export function alikeFindings(
  findings: readonly Finding[],
  brokers: readonly { broker: string; host?: string | undefined }[] = [],
): AlikeFindings[] {
  const groups = new Map<string, { finding: Finding; others: string[] }>();
  for (const [index, finding] of findings.entries()) {
    const about = brokers.filter(({ broker }) => wholeName(nodeText(broker)).test(finding.message));
    const [only] = about;
    const key =
      about.length !== 1 || only === undefined || finding.evidence.length > 0
        ? String(index)
        : `${finding.severity} ${finding.code} ${maskNames(finding.message, [nodeText(only.broker), only.host])}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { finding, others: [] });
    else if (only !== undefined) group.others.push(only.broker);
  }
  return [...groups.values()];
}

/** @returns a sentence after the message; empty without further brokers */
export function othersText({ others }: AlikeFindings, language: 'en' | 'zh' = 'en'): string {
  if (others.length === 0) return '';
  const names = named(
    others.map((broker) => nodeText(broker, language)),
    10,
    language,
  );
  return language === 'zh' ? `${names} 同样如此。` : ` The same holds for ${names}.`;
}
