// Encodes and decodes JSON headers, which Plimsoll sends, and brokers of 5.x too.

import { AppError } from '../../../core/errors.ts';
import type { Header } from './frame.ts';

/*
 * {"code":105,"language":"OTHER","version":407,"opaque":1,"flag":0,"remark":"…","extFields":{"topic":"orders"},
 *  "serializeTypeCurrentRPC":"JSON"}
 *
 * flag     bit 0: response, bit 1: one way
 * version  position of the version in upstream's MQVersion: 407 is V4_9_7. Below 401 the route is not standard JSON,
 *          above 475 (V5_3_1) brokers may send GO_AWAY instead of an answer.
 * language OTHER is known to every broker; brokers before 5.3 do not know NODE_JS.
 */
const [language, version] = ['OTHER', 407];

export const flags = { response: 1, oneWay: 2 } as const;

export function encodeJsonHeader({ code, opaque, isResponse, isOneWay, remark, fields }: Header): Buffer {
  const header = JSON.stringify({
    code,
    language,
    version,
    opaque,
    flag: (isResponse ? flags.response : 0) | (isOneWay ? flags.oneWay : 0),
    remark,
    extFields: fields,
    serializeTypeCurrentRPC: 'JSON',
  });
  // Brokers ignore the newline. An HTTP server reads it as the end of a request line and answers instead of waiting.
  return Buffer.from(`${header}\n`);
}

/** @throws AppError answer-unreadable */
export function decodeJsonHeader(bytes: Buffer): Header {
  const header = parse(bytes);
  const { code, opaque, flag, remark, extFields } = header;
  if (!isInt32(code) || !isInt32(opaque) || !isInt32(flag)) throw unreadable('code, opaque or flag is not a number');
  if (remark !== undefined && remark !== null && typeof remark !== 'string')
    throw unreadable('the remark is not a string');
  return {
    code,
    opaque,
    isResponse: (flag & flags.response) !== 0,
    isOneWay: (flag & flags.oneWay) !== 0,
    fields: fieldsOf(extFields),
    ...(typeof remark === 'string' ? { remark } : {}),
  };
}

function parse(bytes: Buffer): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw unreadable('it is not JSON', cause);
  }
  if (typeof header !== 'object' || header === null) throw unreadable('it is not an object');
  return header as Record<string, unknown>;
}

function fieldsOf(extFields: unknown): Record<string, string> {
  if (extFields === undefined || extFields === null) return {};
  if (typeof extFields !== 'object') throw unreadable('extFields is not an object');
  const fields: [string, string][] = [];
  for (const [name, value] of Object.entries(extFields)) {
    if (value === null) continue;
    if (typeof value !== 'string') throw unreadable(`field ${name} is not a string`);
    fields.push([name, value]);
  }
  // An assignment of a field named __proto__ would set the prototype; Object.fromEntries does not.
  return Object.fromEntries(fields);
}

const isInt32 = (value: unknown): value is number => Number.isInteger(value) && value === Number(value) >> 0;

const unreadable = (why: string, cause?: unknown) =>
  new AppError('answer-unreadable', `the JSON header cannot be read: ${why}`, { cause });
