// Formats why a search rejected a rate: the limit it reached, or the criterion if the limit is unknown.

import type { SearchCertificate } from '../documents/search-certificate.ts';
import { nodeText } from './quantity-text.ts';

type Rejection = Pick<SearchCertificate['upperBounds'][number], 'criterion' | 'limitedBy' | 'detail'>;

/** @returns `produce-quota of broker 1: throttled 34% of the time`, `p99, limited by heap of broker 1: …`, or `p99` */
export function causeText({ criterion, limitedBy, detail }: Rejection): string {
  const cause = limitedBy && `${limitedBy.resource} of ${nodeText(limitedBy.node)}`;
  const by = cause === undefined || cause === criterion ? criterion : `${criterion}, limited by ${cause}`;
  return detail === undefined ? by : `${by}: ${detail}`;
}

/** @returns the cause in parentheses, to append to a criterion and its figures; empty if unknown */
export function causeNote(rejection: Rejection): string {
  const { criterion, limitedBy, detail } = rejection;
  if (limitedBy === undefined) return '';
  const text = causeText(rejection);
  return ` (${text.startsWith(`${criterion}, `) ? text.slice(criterion.length + 2) : (detail ?? text)})`;
}
