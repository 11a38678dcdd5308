// Renders the delivery check of a run: sent messages, and one row per consumer group.

import { punctuation } from '../../core/text/punctuation.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { messageFaults } from '../../core/documents/delivery-account.ts';
import { html, type Content } from '../../core/text/html.ts';
import type { View } from './view.ts';

export function renderDeliveryCheck({ ledger }: Analysis, { strings, numbers, language }: View): Content {
  if (ledger === undefined) return undefined;
  const { sent, acknowledged, groups, agreement, isExact } = ledger;
  const faults = (counts: Readonly<Partial<Record<keyof typeof strings.ledgerFaults, number>>>) =>
    Object.entries(counts).flatMap(([name, count]) =>
      count > 0 ? [strings.ledgerFault(numbers.rate(count), strings.ledgerFaults[name as keyof typeof counts])] : [],
    );
  const { refused, unknownFate } = ledger;
  const counts = [
    strings.ledgerSent(numbers.rate(sent), numbers.rate(acknowledged)),
    ...faults({ refused, unknownFate }),
  ];
  const { agrees = false, partitions = 0, disagreements = [] } = agreement ?? {};
  const logs = [
    ...(agrees ? [strings.ledgerAgrees(partitions)] : []),
    ...(disagreements.length > 0 ? [strings.ledgerDisagrees(disagreements.length)] : []),
  ];
  return html`<section aria-labelledby="ledger">
    <h2 id="ledger">${strings.ledger}</h2>
    <p>${[...counts, ...logs].join(punctuation[language].comma)}</p>
    ${
      groups.length > 0 &&
      html`<ul>
        ${groups.map((group) => {
          const counts = Object.fromEntries(messageFaults.map((name) => [name, group[name] ?? 0]));
          const line = [strings.ledgerOf(group.group, numbers.rate(group.received)), ...faults(counts)];
          return html`<li>${line.join(punctuation[language].comma)}</li>`;
        })}
      </ul>`
    }
    ${!isExact && html`<p class="quiet">${strings.ledgerInexact}</p>`}
  </section>`;
}
