// Defines requests that include the parser of their answer.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

export interface TypedRequest<Answer> extends Request {
  /** @throws AppError as the broker answers */
  parse: (response: Response) => Answer;
}

export const typedRequest = <Answer>(
  code: number,
  fields: Request['fields'],
  parse: TypedRequest<Answer>['parse'],
  body?: Buffer,
): TypedRequest<Answer> => ({ code, fields, ...(body && { body }), parse });

/** Returns a request whose answer only confirms it. @param what text for messages: `removal of a topic` */
export const command = (code: number, what: string, fields: Request['fields'], body?: Buffer): TypedRequest<void> =>
  typedRequest(code, fields, (response) => void answered(response, `${what} (${code})`), body);
