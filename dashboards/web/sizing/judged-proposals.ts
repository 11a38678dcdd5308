// Renders the proposed clusters of a plan, each compared with the demand of its domain.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { JudgedProposal } from '../../../core/documents/cluster-plan.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { renderFindingList } from '../findings.ts';
import { named } from '../layout.ts';
import { renderTable, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { estimateText } from './sized-cluster.ts';
import { sizingLanguages } from './sizing-texts.ts';

export function renderJudged(judged: readonly JudgedProposal[], view: View): Content {
  if (judged.length === 0) return undefined;
  const { strings, numbers, language } = view;
  const texts = sizingLanguages[language];
  const perSecond = (title: string) => `${title} (${strings.perSecond})`;
  const rate = (title: string, of: 'peakTps' | 'safeTps' | 'afterLossTps') => ({
    title: perSecond(title),
    cell: ({ promise }: JudgedProposal) => promise && estimateText(promise[of], view),
    value: ({ promise }: JudgedProposal) => promise?.[of].mid,
  });
  return renderTable(
    'proposed',
    texts.proposed,
    judged,
    [
      textColumn(texts.domain, ({ domain }) => named(domain)),
      textColumn(texts.mode, ({ broker, mode }) => `${traitsOf(broker).displayName}, ${mode}`),
      textColumn(
        texts.brokers,
        (each) => html`${numbers.plain(brokersOf(each, each.masters))} × <bdi>${each.shape}</bdi>`,
      ),
      textColumn(strings.verdict, ({ verdict }) => texts.judgements[verdict]),
      rate(texts.demand, 'peakTps'),
      rate(strings.safeMax, 'safeTps'),
      rate(texts.afterLoss, 'afterLossTps'),
      numberColumn(texts.wouldTake, (each) =>
        ifKnown(each.mastersNeeded, (masters) => numbers.plain(brokersOf(each, masters))),
      ),
      textColumn(strings.findings, ({ findings }) => (findings.length === 0 ? '–' : renderFindingList(findings, view))),
    ],
    ({ verdict }) => (verdict === 'not-enough' ? 'over' : ''),
  );
}

/** Number of brokers including slaves. */
const brokersOf = ({ broker, replicas }: JudgedProposal, masters: number): number =>
  traitsOf(broker).copies === 'any-broker' ? masters : masters * replicas;
