// Defines an API operation: path, parameters, response, faults and required role.

import type { Request } from 'express';
import { z } from 'zod';
import type { FaultCode } from '../../core/errors.ts';
import type { User } from '../access/access.ts';
import type { Calculator } from '../calculation/calculator.ts';
import type { ServiceParts } from '../parts.ts';
import { readBody, readPath, readQuery } from './read-request.ts';

export type ApiParts = Omit<ServiceParts, 'live' | 'letStay' | 'gc' | 'promotionGate' | 'config' | 'author' | 'log'> & {
  config: Pick<ServiceParts['config'], 'prices' | 'thresholds'>;
  calculator: Calculator;
};

/** Source of a response, which determines when its ETag changes. `moment` has no ETag. */
type MadeOf = 'code' | 'history' | 'status' | 'moment';

type Of<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

interface Spec<
  Path extends z.ZodRawShape,
  Query extends z.ZodRawShape,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> {
  /** Default: get. */
  method?: 'get' | 'post';
  /** Path below /api/v1, with parameters in braces. */
  path: string;
  /** OpenAPI name of the operation, used by client generators. */
  id: string;
  summary: string;
  parameters?: Path;
  query?: Query;
  body?: Body;
  answer: Answer;
  /** Default: 200. */
  status?: 200 | 201 | 202;
  madeOf: MadeOf;
  /** Set if only operators may call it. */
  isChange?: boolean;
  /** Set if only admins of at least one cluster may call it. */
  isForAdmins?: boolean;
  /** Faults of this operation, in addition to those of every operation. */
  faults?: readonly FaultCode[];
  /** @throws AppError one of `faults` */
  answerTo(
    request: { path: Of<Path>; query: Of<Query>; body: z.output<Body>; user: User; signal: AbortSignal },
    parts: ApiParts,
  ): z.input<Answer> | Promise<z.input<Answer>>;
}

export interface Operation extends Omit<
  Spec<z.ZodRawShape, z.ZodRawShape, z.ZodType, z.ZodType>,
  'answerTo' | 'method' | 'parameters' | 'query' | 'faults'
> {
  method: 'get' | 'post';
  parameters: z.ZodRawShape;
  query: z.ZodRawShape;
  faults: readonly FaultCode[];
  /** @throws AppError request-invalid, body-invalid, or one of `faults` */
  respond(request: Request, io: { user: User; signal: AbortSignal }, parts: ApiParts): Promise<unknown>;
}

/** Version of every response; a literal type, so that responses fit their schemas. */
export const schemaVersion = 1 as const;

const nothing = {};

/** @returns the operation, which parses requests with its schemas */
export function operation<
  Answer extends z.ZodType,
  Path extends z.ZodRawShape = Record<string, never>,
  Query extends z.ZodRawShape = Record<string, never>,
  Body extends z.ZodType = z.ZodUndefined,
>(spec: Spec<Path, Query, Body, Answer>): Operation {
  const { parameters = nothing as Path, query = nothing as Query, body, faults = [], answerTo, ...rest } = spec;
  const [pathSchema, querySchema] = [z.strictObject(parameters), z.strictObject(query)];
  return {
    method: 'get',
    ...rest,
    ...(body !== undefined && { body }),
    parameters,
    query,
    faults,
    async respond(request, { user, signal }, parts) {
      const parsed = {
        path: readPath(request, pathSchema) as Of<Path>,
        query: readQuery(request, querySchema) as Of<Query>,
        body: readBody(request, body) as z.output<Body>,
        user,
        signal,
      };
      return answerTo(parsed, parts);
    },
  };
}
