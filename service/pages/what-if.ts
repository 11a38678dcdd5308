// Serves the what-if page from the last load test that is readable.

import type { Request, Response } from 'express';
import { acksValues, type Alternative, quantityBounds } from '../../analyzer/planning/what-if/alternative.ts';
import type { WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { type QuantityName, quantityNames } from '../../core/documents/what-if.ts';
import { AppError } from '../../core/errors.ts';
import { sendHtml, type Site, viewOf } from '../../dashboards/web/site.ts';
import type { QuantityFault, QuantityField } from '../../dashboards/web/what-if/quantities.ts';
import { renderWhatIfChoice, renderWhatIfPage, type WhatIfContent } from '../../dashboards/web/what-if/what-if-page.ts';
import { type CarryingParts, carryOver, type TestEntry } from '../calculation/tested-cluster.ts';
import type { ServedCluster } from '../parts.ts';
import { sendMissing } from './served-page.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';
import { longestText } from '../../dashboards/web/what-if/what-if-form.ts';

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
      isDiskUnknown: test.document.findings.some(({ code }) => code === 'disk-unknown'),
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

type Reading = { value: number | string } | { fault: QuantityFault };

function readFields(query: URLSearchParams): QuantityField[] {
  return quantityNames.map((name) => {
    const text = (query.get(name) ?? '').trim().slice(0, longestText);
    const bounds = name === 'acks' ? {} : { bounds: quantityBounds[name] };
    return { name, text, ...bounds, ...(text !== '' && read(name, text)) };
  });
}

/** @returns undefined if a field is invalid */
function alternativeOf(fields: readonly QuantityField[]): Alternative | undefined {
  if (fields.some(({ fault }) => fault !== undefined)) return undefined;
  return Object.fromEntries(fields.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])));
}

function withMeasured(fields: readonly QuantityField[], measured: Alternative): QuantityField[] {
  return fields.map((field) => {
    const known = measured[field.name];
    return known === undefined ? field : { ...field, measured: known };
  });
}

/** Limits replicas to the number of brokers, because each Kafka replica is on another broker. */
function holdCopies(fields: readonly QuantityField[]): QuantityField[] {
  const stands = (name: QuantityName) => {
    const { value, measured } = fields.find((field) => field.name === name) ?? {};
    return Number(value ?? measured);
  };
  const [copies, brokers] = [stands('replicas'), stands('brokers')];
  if (!(copies > brokers)) return [...fields];
  return fields.map((field) =>
    field.name === 'replicas' && field.fault === undefined
      ? { ...field, text: String(copies), bounds: { least: 1, most: brokers }, fault: 'copies' }
      : field,
  );
}

function read(name: QuantityName, text: string): Reading {
  switch (name) {
    case 'acks':
      return acksValues.some((each) => each === text) ? { value: text } : { fault: 'choice' };
    case 'messageBytes':
      return within(name, /^\d+$/.test(text) ? Number(text) : Size.safeParse(text).data, 'size');
    case 'nic':
      return within(name, /^\d+$/.test(text) ? Number(text) : BitRate.safeParse(text.toLowerCase()).data, 'speed');
    case 'compression':
      return within(name, numberOf(text), 'number');
    default: {
      const value = numberOf(text);
      return value !== undefined && !Number.isInteger(value) ? { fault: 'whole' } : within(name, value, 'number');
    }
  }
}

function within(name: Exclude<QuantityName, 'acks'>, value: number | undefined, other: QuantityFault): Reading {
  if (value === undefined) return { fault: other };
  const { least, most } = quantityBounds[name];
  return value >= least && value <= most ? { value } : { fault: 'bounds' };
}

/** Accepts usual decimal notation, but no hexadecimal numbers and no infinity. */
function numberOf(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : undefined;
}
