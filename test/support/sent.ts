import type { Request } from '../../brokers/rocketmq/protocol/frame.ts';

/** @returns the bytes of a request, without the parser of its response */
export function sentBy(request: Request): Request {
  const { code, fields, body } = request;
  return { code, fields, ...(body && { body }) };
}
