// Reads schemas with their references from a schema registry, with limits of size, number and time, and caches them.

import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { authorizationHeader } from '../../core/http/http-config.ts';
import { requestText } from '../../core/http/http-request.ts';
import type { Io } from '../driver.ts';
import { requestTls } from '../tls-config.ts';
import type { SchemaRegistryConfig } from './config.ts';

const Reference = z.looseObject({ name: z.string(), subject: z.string(), version: z.number().int() });
const Answer = z.looseObject({
  schema: z.string(),
  /** Absent for Avro. */
  schemaType: z.string().optional(),
  references: z.array(Reference).nullish(),
});

export interface ReadSchema {
  /** AVRO, PROTOBUF or JSON. */
  type: string;
  schema: string;
  /** References, each after those that it needs. */
  references: readonly { name: string; schema: string }[];
}

export interface RegistryClient {
  /** Reads each schema once, because a schema never changes. @throws AppError not-found, answer-unreadable */
  schema(id: number, io: Io): Promise<ReadSchema>;
}

const withinMs = 5000;
const mostBytes = 2 ** 20;
const mostReferences = 50;
const mostKept = 500;
/** Time after which a schema that could not be read is requested again. */
const retryMs = 10_000;

export function createRegistryClient(config: SchemaRegistryConfig): RegistryClient {
  const kept = new Map<number, { schema: Promise<ReadSchema>; failedAt?: number }>();

  async function read(id: number, io: Io): Promise<ReadSchema> {
    const { schema, schemaType = 'AVRO', references } = await ask(config, `schemas/ids/${id}`, io);
    const found = new Map<string, string>();
    await follow(references ?? [], found, io);
    return { type: schemaType, schema, references: Array.from(found, ([name, text]) => ({ name, schema: text })) };
  }

  /** Follows references depth first, so that the dependencies of each come before it. */
  async function follow(
    references: readonly z.infer<typeof Reference>[],
    found: Map<string, string>,
    io: Io,
    path: readonly string[] = [],
  ): Promise<void> {
    for (const { name, subject, version } of references) {
      if (found.has(name) || path.includes(name)) continue;
      if (found.size + path.length >= mostReferences)
        throw unreadable(config, `the schema has more than ${mostReferences} references`);
      const answer = await ask(config, `subjects/${encodeURIComponent(subject)}/versions/${version}`, io);
      await follow(answer.references ?? [], found, io, [...path, name]);
      found.set(name, answer.schema);
    }
  }

  return {
    async schema(id) {
      const known = kept.get(id);
      const isStale = known?.failedAt !== undefined && performance.now() - known.failedAt > retryMs;
      if (known !== undefined && !isStale) return await known.schema;
      // All waiting callers share the request, so none of their signals may abort it.
      const entry: { schema: Promise<ReadSchema>; failedAt?: number } = {
        schema: read(id, { signal: AbortSignal.timeout(withinMs) }),
      };
      entry.schema.catch(() => void (entry.failedAt = performance.now()));
      kept.delete(id);
      const [oldest] = kept.keys();
      if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest);
      kept.set(id, entry);
      return await entry.schema;
    },
  };
}

const unreadable = ({ url }: SchemaRegistryConfig, why: string, cause?: unknown) =>
  new AppError('answer-unreadable', `cannot read the schema registry ${url}: ${why}`, {
    cause,
    hint: 'check `schemaRegistry.url` of the cluster and the log of the registry',
  });

async function ask(config: SchemaRegistryConfig, path: string, io: Io): Promise<z.infer<typeof Answer>> {
  const { status, text } = await get(config, path, io);
  if (status === 404) {
    throw new AppError('not-found', `the schema registry ${config.url} has no ${path}`, {
      hint: 'the schema was deleted, or the message was written with another registry',
    });
  }
  if (status !== 200) throw unreadable(config, `it answered ${path} with status ${status}`);
  try {
    return Answer.parse(JSON.parse(text));
  } catch (cause) {
    throw unreadable(config, `its response to ${path} is not a schema`, cause);
  }
}

async function get(config: SchemaRegistryConfig, path: string, { signal }: Io) {
  try {
    const url = new URL(`${config.url.replace(/\/+$/, '')}/${path}`);
    const headers = {
      Accept: 'application/vnd.schemaregistry.v1+json, application/json',
      ...authorizationHeader(config.authorization),
    };
    return await requestText(url, { headers, signal, ...requestTls(url, config.tls) }, mostBytes, tooLong);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw unreadable(
      config,
      signal.aborted ? `no answer within ${withinMs / 1000} s` : (cause as Error).message,
      cause,
    );
  }
}

const tooLong = () => new Error(`its response is larger than ${mostBytes} bytes`);
