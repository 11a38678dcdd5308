import type { Request } from '../../brokers/rocketmq/protocol/frame.ts';

/** @returns what a request sends, without the parser of its answer */
export function sentBy(request: Request): Request {
  const { code, fields, body } = request;
  return { code, fields, ...(body && { body }) };
}
