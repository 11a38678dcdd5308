// Renders the proposed clusters of a plan, each compared with the demand of its domain.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { JudgedProposal } from '../../../core/documents/cluster-plan.ts';
import { html, type Content } from '../../../core/text/html.ts';
import { renderFindingList } from '../findings.ts';
import { named } from '../layout.ts';
import { renderTable } from '../tables.ts';
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
    cell: ({ promise }: JudgedProposal) => (promise === undefined ? '–' : estimateText(promise[of], view)),
    value: ({ promise }: JudgedProposal) => promise?.[of].mid,
  });
  return renderTable(
    'proposed',
    texts.proposed,
    judged,
    [
      { title: texts.domain, text: true, cell: ({ domain }) => named(domain) },
      { title: texts.mode, text: true, cell: ({ broker, mode }) => `${traitsOf(broker).displayName}, ${mode}` },
      {
        title: texts.brokers,
        text: true,
        cell: (each) => html`${numbers.plain(brokersOf(each, each.masters))} × <bdi>${each.shape}</bdi>`,
      },
      { title: strings.verdict, text: true, cell: ({ verdict }) => texts.judgements[verdict] },
      rate(texts.demand, 'peakTps'),
      rate(texts.safe, 'safeTps'),
      rate(texts.afterLoss, 'afterLossTps'),
      {
        title: texts.wouldTake,
        cell: (each) => (each.mastersNeeded === undefined ? '–' : numbers.plain(brokersOf(each, each.mastersNeeded))),
      },
      {
        title: strings.findings,
        text: true,
        cell: ({ findings }) => (findings.length === 0 ? '–' : renderFindingList(findings, view)),
      },
    ],
    ({ verdict }) => (verdict === 'not-enough' ? 'over' : ''),
  );
}

/** Slaves included. */
const brokersOf = ({ broker, replicas }: JudgedProposal, masters: number): number =>
  traitsOf(broker).copies === 'any-broker' ? masters : masters * replicas;
