// Generates the OpenAPI 3.1 document from the schemas that parse requests.

import { z } from 'zod';
import { CatalogueFile } from '../../analyzer/planning/domains/catalogue-file.ts';
import { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import { Analysis, Finding, Limit, SafeMaxTps } from '../../core/documents/analysis.ts';
import { CapacityReport } from '../../core/documents/capacity-report.ts';
import { ClusterPlan, ClusterPlans, JudgedProposal } from '../../core/documents/cluster-plan.ts';
import { LossCase, RefusalCause, RejectionCause } from '../../core/documents/reasons/rejection-reasons.ts';
import type { FaultCode } from '../../core/errors.ts';
import { Author, Change, Grade, RecordedForecast } from '../../core/documents/history-entry.ts';
import { ClusterStatus } from '../../core/documents/cluster-status.ts';
import type { Operation } from './operation.ts';
import { operations } from './registry.ts';
import { KeptEntry } from './resources/history-entry.ts';
import { HistoryLine } from './resources/history-line.ts';
import { PageOfEntries } from './resources/page-of-entries.ts';
import { shareParts, type PlainOperation } from './shared-parts.ts';
import { statuses } from './statuses.ts';
import { defined } from '../../core/defined.ts';

export const apiRoot = '/api/v1';

const FaultAnswer = z.strictObject({
  schemaVersion: z.literal(1),
  error: z.strictObject({
    code: z.string().describe('stable; docs/reference/errors.md lists them'),
    message: z.string().describe('for people'),
    hint: z.string().describe('what to do'),
  }),
});

/** Schemas shared by several responses, each under its own name. */
const shared = {
  Analysis,
  Author,
  CapacityReport,
  Change,
  ClusterPlan,
  ClusterPlans,
  ClusterStatus,
  FaultAnswer,
  Finding,
  Grade,
  KeptEntry,
  HistoryLine,
  JudgedProposal,
  Limit,
  LossCase,
  PageOfEntries,
  RecordedForecast,
  RefusalCause,
  RejectionCause,
  SafeMaxTps,
};

/** Shared schemas of request bodies, in which fields with defaults are optional. */
const sharedOfBodies = { DomainsFile, CatalogueFile };

type Json = Record<string, unknown>;

export interface OpenApiOptions {
  /** Path prefix at a proxy, such as /plimsoll. */
  pathPrefix?: string | undefined;
  /** Responses written as references to a schema file beside the document; other schemas are inline. */
  files?: ReadonlyMap<z.ZodType, string>;
}

export function openApiDocument({ pathPrefix = '', files = new Map() }: OpenApiOptions = {}) {
  const all = schemasOf(files);
  const whole: Record<string, Record<string, PlainOperation>> = {
    '/openapi.json': { get: ownOperation },
  };
  for (const each of operations) {
    whole[each.path] = { ...whole[each.path], [each.method]: described(each) };
  }
  const { paths, components } = shareParts(whole);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Plimsoll',
      version: '1',
      summary: 'Safe maximum and current load of each Kafka or RocketMQ cluster.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: `${pathPrefix}${apiRoot}` }],
    security: [{}, { basic: [] }, { bearer: [] }],
    paths: Object.fromEntries(Object.entries(paths).toSorted(([one], [other]) => (one < other ? -1 : 1))),
    components: {
      schemas: files.size === 0 ? all : usedOf({ paths, components }, all),
      ...components,
      securitySchemes: { basic: { type: 'http', scheme: 'basic' }, bearer: { type: 'http', scheme: 'bearer' } },
    },
  };
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json) => ({ 'application/json': { schema } });

function schemasOf(files: ReadonlyMap<z.ZodType, string>): Record<string, Json> {
  const asAnswers = z.registry<{ id: string }>();
  const asBodies = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(shared)) asAnswers.add(schema, { id });
  for (const [id, schema] of Object.entries(sharedOfBodies)) asBodies.add(schema, { id });
  for (const { id, answer, body } of operations as readonly Operation[]) {
    if (!(Object.values(shared) as z.ZodType[]).includes(answer)) asAnswers.add(answer, { id: answerName(id) });
    if (body !== undefined) asBodies.add(body, { id: bodyName(id) });
  }
  const uri = (id: string) => ref(id).$ref;
  const inFiles = new Map(
    [...files].map(([schema, file]) => [(asAnswers.get(schema) ?? asBodies.get(schema))?.id, { $ref: file }]),
  );
  const all = {
    ...z.toJSONSchema(asAnswers, { io: 'output', uri }).schemas,
    ...z.toJSONSchema(asBodies, { io: 'input', uri }).schemas,
  };
  return Object.fromEntries(
    // Drops `$schema` and `$id`, because the document sets the dialect, and its structure identifies the schemas.
    Object.entries(all).map(([name, schema]) => [
      name,
      inFiles.get(name) ?? { ...schema, $schema: undefined, $id: undefined },
    ]),
  );
}

/** Keeps only referenced schemas, because parts of responses in files are unused here. */
function usedOf(document: Json, all: Record<string, Json>): Record<string, Json> {
  const used = new Set<string>();
  const visit = (part: Json) => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(all[name] ?? {});
    }
  };
  visit(document);
  return Object.fromEntries(Object.entries(all).filter(([name]) => used.has(name)));
}

const capitalised = (id: string) => id.charAt(0).toUpperCase() + id.slice(1);
const answerName = (id: string) => `${capitalised(id)}Answer`;
const bodyName = (id: string) => `${capitalised(id)}Body`;

function described(each: Operation): PlainOperation {
  const { id, summary, body, status = 200, answer, madeOf } = each;
  const [name] = Object.entries(shared).find(([, schema]) => schema === answer) ?? [answerName(id)];
  const parameters = [...parametersOf(each.parameters, 'path'), ...parametersOf(each.query, 'query')];
  return {
    operationId: id,
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: json(ref(bodyName(id))) } }),
    responses: {
      [status]: {
        description: status === 201 ? 'made' : 'answer',
        ...(madeOf !== 'moment' && { headers: { ETag: { schema: { type: 'string' }, required: true } } }),
        content: json(ref(name)),
      },
      ...(madeOf !== 'moment' && unchanged),
      ...refusalsOf(faultsOf(each)),
    },
  };
}

const unchanged = { 304: { description: 'not modified: If-None-Match has the current ETag' } };

function parametersOf(shape: z.ZodRawShape, where: 'path' | 'query'): NonNullable<PlainOperation['parameters']> {
  const { properties = {}, required = [] } = z.toJSONSchema(z.strictObject(shape), { io: 'input' });
  return Object.entries(properties).map(([name, described]) => {
    const { description, ...schema } = described as Json;
    return defined({ name, in: where, required: where === 'path' || required.includes(name), description, schema });
  });
}

const ofAny: readonly FaultCode[] = ['request-invalid', 'not-acceptable'];
const ofBodies: readonly FaultCode[] = ['cross-site-request', 'body-too-large', 'body-not-json', 'body-invalid'];

/** Returns faults by status: those of any request, and those of the operation. */
export function faultsOf({
  body,
  isChange = false,
  faults,
}: Pick<Operation, 'body' | 'isChange' | 'faults'>): FaultCode[] {
  return [...ofAny, ...(body === undefined ? [] : ofBodies), ...(isChange ? ['role-missing' as const] : []), ...faults];
}

function refusalsOf(codes: readonly FaultCode[]): PlainOperation['responses'] {
  const rows = Object.entries(statuses).filter(([code]) => codes.includes(code as FaultCode));
  const byStatus = Map.groupBy(rows, ([, status]) => status);
  const fault = json(ref('FaultAnswer'));
  // Requests without access or above the limit are refused as text before they reach the API.
  const text = { ...fault, 'text/plain': { schema: { type: 'string' } } };
  const own = [...byStatus].map(([status, all]) => [
    status,
    { description: all.map(([code]) => code).join(', '), content: status === 403 || status === 503 ? text : fault },
  ]);
  return {
    401: { description: 'log in', content: text },
    403: { description: 'no access: this name may not use the service', content: text },
    500: { description: 'unexpected: a defect', content: fault },
    503: { description: 'service-busy: too many requests at once', content: text },
    ...(Object.fromEntries(own) as PlainOperation['responses']),
  };
}

const ownOperation: PlainOperation = {
  operationId: 'getOpenApi',
  summary: 'This document.',
  responses: {
    200: {
      description: 'answer',
      headers: { ETag: { schema: { type: 'string' }, required: true } },
      content: json({ type: 'object' }),
    },
    ...unchanged,
    ...refusalsOf(ofAny),
  },
};
