// Summarizes entries of the history as text.

import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';
import { quantityText, rateRangeText, rateText } from '../../core/text/quantity-text.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { scopeText } from '../../core/text/scope-text.ts';
import { bindingLimit } from '../../core/documents/safe-tps.ts';

export function summaryOf(entry: HistoryEntry): string {
  switch (entry.kind) {
    case 'verdict':
    case 'test': {
      const scope = scopeText(entry.document);
      return `${scope === undefined ? '' : `${scope}: `}${safeMaxText(entry.document)}`;
    }
    case 'forecast': {
      const { peak, excluded } = entry.document;
      const { tps, low, high, at } = peak;
      const interval = low === undefined || high === undefined ? 'no interval' : rateRangeText({ low, high });
      const without = excluded === undefined ? '' : `, without times of ${excluded.join(', ')}`;
      return `peak ${rateText(tps)} (${interval}) at ${at}${without}`;
    }
    case 'plan': {
      const { name, brokers, shape } = entry.document;
      return `${name}: ${brokers.length} × ${shape.name}`;
    }
    case 'operation': {
      const { operation, subject, state, moves } = entry.document;
      const moved = moves === undefined ? '' : `, ${quantityText(moves.replicas)} replicas`;
      return `${operation}${subject === undefined ? '' : ` of ${subject}`}${moved}: ${state}`;
    }
    case 'report': {
      const { promotion, verdicts, expires } = entry.document;
      const decisions = verdicts.map(({ domain, decision }) => `${domain} ${decision}`);
      return `${promotion.name} until ${expires}: ${decisions.join(', ')}`;
    }
    case 'grade': {
      const { of, event, held, actual, predicted } = entry.document;
      return `entry ${of} ${held ? 'held' : 'did not hold'} at a ${event}: ${quantityText(actual)} ${predicted.unit}`;
    }
    case 'change': {
      const { what, after, subject, until } = entry.document;
      const about = [what, subject, until && `until ${until}`].filter((each) => each !== undefined).join(' ');
      return after === undefined ? about : `${about}: ${after}`;
    }
    case 'alert': {
      const { name, startsAt, endsAt, summary } = entry.document;
      const state = endsAt === undefined ? `fires since ${startsAt}` : `resolved at ${endsAt}`;
      return `${name} ${state}${summary === undefined ? '' : `: ${summary}`}`;
    }
  }
}

function safeMaxText({ safeMaxTps: safeMax, binding }: Pick<Analysis, 'safeMaxTps' | 'binding'>): string {
  switch (safeMax.kind) {
    case 'confirmed':
    case 'predicted':
    case 'observed':
      return `${safeMax.kind} ${rateText(safeMax.tps)}, ${limitText(bindingLimit({ safeMaxTps: safeMax, binding }) ?? safeMax.limitedBy)}`;
    case 'at-least':
      return `at least ${rateText(safeMax.tps)}: ${safeMax.reason}`;
    case 'unknown':
      return `unknown: ${safeMax.missing.map(({ what, node }) => `${what} of ${node}`).join(', ')}`;
  }
}

const longestSummary = 90;

export function historyTable(entries: readonly HistoryEntry[], look: { colours: boolean }): string {
  return renderTable(
    columnsOf(['>id', 'when', 'who', 'kind', 'cluster', 'what']),
    entries.map((entry) => {
      const summary = summaryOf(entry);
      const short = summary.length > longestSummary ? `${summary.slice(0, longestSummary - 1)}…` : summary;
      return [String(entry.id), `${entry.at.slice(0, 19)}Z`, entry.by.name, entry.kind, entry.cluster, short];
    }),
    look,
  );
}
