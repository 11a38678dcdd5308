// Renders a sized cluster on the page of its plan: expected load, hosts and findings.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { survivedText } from '../../../core/documents/reasons/reserve-reasons.ts';
import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import { renderFactList, type Fact } from '../facts.ts';
import { renderFindings } from '../findings.ts';
import { named } from '../layout.ts';
import { renderTable, textColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { planLanguages } from './plan-texts.ts';

export function renderSized(plan: ClusterPlan, view: View): Content {
  const { broker, mode, brokers, masters, promise, findings, partOf } = plan;
  const { numbers } = view;
  const texts = planLanguages[view.language].size;
  const range = ({ low, mid, high }: ClusterPlan['promise']['peakTps']) =>
    planLanguages[view.language].span(numbers.rate(low), numbers.rate(mid), numbers.rate(high));
  const facts: readonly Fact[] = [
    [view.strings.pages.fleet.broker, `${traitsOf(broker).displayName} (${mode})`],
    [texts.brokers, numbers.plain(brokers.length)],
    [texts.masters, numbers.plain(masters)],
    [texts.peak, range(promise.peakTps)],
    [texts.safe, range(promise.safeTps)],
    [texts.afterLoss, range(promise.afterLossTps)],
    [texts.survives, survivedText(promise, view.language) || '–'],
  ];
  return html`${renderFactList(facts)}
    <p><a href="${view.link('/sizing')}">${view.strings.pages.sections.sizing}</a></p>
    ${renderFindings([...findings, ...(partOf?.findings ?? [])], view)}
    ${renderTable('brokers', texts.brokers, brokers, [
      textColumn(view.strings.host, ({ host }) => named(host)),
      textColumn(view.strings.pages.cluster.role, ({ role, group }) =>
        group === undefined ? role : `${role} (${group})`,
      ),
      textColumn(texts.zone, ({ zone }) => zone),
    ])}`;
}
