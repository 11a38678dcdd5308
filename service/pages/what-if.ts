// Serves the what-if page from the last load test that is readable.

import type { Request, Response } from 'express';
import type { Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import type { WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import type { QuantityField } from '../../dashboards/web/what-if/quantities.ts';
import { renderWhatIfChoice, renderWhatIfPage, type WhatIfContent } from '../../dashboards/web/what-if/what-if-page.ts';
import { carryOver, type CarryingParts, type TestEntry } from '../calculation/tested-cluster.ts';
import type { ServedCluster } from '../parts.ts';
import { alternativeOf, holdCopies, readFields, withMeasured } from './quantity-fields.ts';
import { sendMissing } from './served-page.ts';

export interface WhatIfParts extends CarryingParts {
  clusters: ReadonlyMap<string, Pick<ServedCluster, 'broker'>>;
}

export function createWhatIfPage(
  parts: WhatIfParts,
  site: Site,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    const view = viewOf(request, site);
    const cluster = view.query.get('cluster');
    if (cluster === null) return sendHtml(response, 200, renderWhatIfChoice([...parts.clusters.keys()], view));
    if (!parts.clusters.has(cluster)) return sendMissing(response, view);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const content = await whatIfContent(cluster, view.query, parts, gone.signal);
      sendHtml(response, content.answer.kind === 'busy' ? 503 : 200, renderWhatIfPage(content, view));
    } catch (error) {
      // The client disconnected.
      if (!gone.signal.aborted) throw error;
    }
  };
}

export async function whatIfContent(
  cluster: string,
  query: URLSearchParams,
  parts: WhatIfParts,
  signal: AbortSignal,
): Promise<WhatIfContent> {
  const fields = readFields(query);
  const alternative = alternativeOf(fields) ?? {};
  const isChanged = Object.keys(alternative).length > 0;
  try {
    const found = await carryOver(cluster, isChanged ? [{}, alternative] : [{}], parts, signal);
    return found === undefined ? { cluster, fields, answer: { kind: 'no-test' } } : contentOf(cluster, fields, found);
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    const { code, message, hint } = cause;
    if (code === 'service-busy') return { cluster, fields, answer: { kind: 'busy' } };
    if (code === 'calculation-too-long') return { cluster, fields, answer: { kind: 'too-long' } };
    if (code !== 'usage') throw cause;
    // Same text as in the command, whose options are the same quantities.
    const refusal = { message: message.replace(/^--what-if: /, ''), hint };
    if (!isChanged) return { cluster, fields, answer: { kind: 'refused', ...refusal } };
    const asMeasured = await whatIfContent(cluster, new URLSearchParams(), parts, signal);
    return withRefusal(fields, asMeasured, { refusal, broker: parts.clusters.get(cluster)?.broker });
  }
}

interface Found {
  test: TestEntry;
  answers: readonly WhatIf[];
}

function contentOf(cluster: string, fields: readonly QuantityField[], { test, answers }: Found): WhatIfContent {
  const [asMeasured, otherwise] = answers;
  const { safeMaxTps, binding } = test.document;
  return {
    cluster,
    fields: withMeasured(fields, asMeasured?.measured ?? {}),
    answer: {
      kind: 'answered',
      test: { id: test.id, at: test.at },
      // The verdict is from the test itself, whose trials may have confirmed it; limits are from the laws that both
      // answers use.
      now: { safeMaxTps, binding: binding ?? [], limits: asMeasured?.limits ?? [] },
      ...(otherwise && { otherwise }),
    },
  };
}

function withRefusal(
  entered: readonly QuantityField[],
  asMeasured: WhatIfContent,
  { refusal, broker }: { refusal: { message: string; hint: string }; broker: BrokerKind | undefined },
): WhatIfContent {
  const measured: Alternative = Object.fromEntries(
    asMeasured.fields.flatMap(({ name, measured: known }) => (known === undefined ? [] : [[name, known]])),
  );
  const known = withMeasured(entered, measured);
  const fields = traitsOf(broker)?.copies === 'any-broker' ? holdCopies(known) : known;
  const isSaid = fields.some(({ fault }) => fault !== undefined);
  const { answer } = asMeasured;
  if (answer.kind !== 'answered') return { ...asMeasured, fields };
  return { ...asMeasured, fields, answer: { ...answer, ...(!isSaid && { refusal }) } };
}
