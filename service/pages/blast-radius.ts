// Serves the effects of each single failure of a planned cluster, from its plan in the history.

import type { Request, Response } from 'express';
import { hasOneQueue, plannedConsumerSpeed } from '../../analyzer/planning/simulation/planned-cluster.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { AppError } from '../../core/errors.ts';
import type { Policy } from '../../core/policy/policy.ts';
import {
  lastingSeconds,
  renderBlastRadiusPage,
  worlds,
  type BlastRadiusContent,
} from '../../dashboards/web/sizing/blast-radius-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { Calculator } from '../calculation/calculator.ts';
import type { HistoryReader } from '../history/history.ts';
import { sendMissing } from './served-page.ts';

interface BlastRadiusParts {
  history: Pick<HistoryReader, 'entry'>;
  calculator: Calculator;
  policy: Policy;
}

export function createBlastRadiusPage(
  { history, calculator, policy }: BlastRadiusParts,
  site: Site,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const view = viewOf(request, site);
    const id = Number(request.params['id']);
    const entry = Number.isSafeInteger(id) && id > 0 ? history.entry(id) : undefined;
    if (entry?.kind !== 'plan') return sendMissing(response, view);
    const lastsSeconds = lastingSeconds.find((each) => String(each) === view.query.get('for')) ?? 1800;
    const world = worlds.find((each) => each === view.query.get('world')) ?? 'mid';
    const peakTps = entry.document.domains.reduce((sum, domain) => sum + domain.peakTps[world], 0);
    const { name: cluster, broker } = entry.document;
    const shown = { entry: entry.id, cluster, broker, lastsSeconds, world, peakTps };
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const choices = { world, consumerSpeed: plannedConsumerSpeed, isThrottled: true };
    const question = { plan: entry.document, policy: sizingPolicy(policy, {}), choices, lastsSeconds };
    if (hasOneQueue(entry.document)) return send(response, 200, { kind: 'one-queue' });
    try {
      const radius = await calculator.ask({ kind: 'blast-radius', ...question }, { signal: gone.signal });
      send(response, 200, { kind: 'answered', radius });
    } catch (cause) {
      if (gone.signal.aborted) return;
      const code = cause instanceof AppError ? cause.code : undefined;
      if (code === 'service-busy') send(response, 503, { kind: 'busy' });
      else if (code === 'calculation-too-long') send(response, 503, { kind: 'too-long' });
      else throw cause;
    }

    function send(to: Response, status: number, answer: BlastRadiusContent['answer']): void {
      sendHtml(to, status, renderBlastRadiusPage({ ...shown, answer }, view));
    }
  };
}
