// Reads responses of a Kafka 4.3.1 broker, as the client library passes them to a parser.

import { readFileSync } from 'node:fs';
import { Reader, type API, type Connection, type ResponseParser } from '@platformatic/kafka';

const { answers } = JSON.parse(
  readFileSync(new URL('../fixtures/wire/kafka/answers-4.3.1.json', import.meta.url), 'utf8'),
) as { answers: Record<string, string> };

/** Size of the header before a response: size int32, correlation id int32, tags. */
const headBytes = 9;

/** @param request any valid one: it is never sent */
export function readCaptured<Arguments extends unknown[], Answer>(
  name: string,
  api: API<Arguments, Answer>,
  ...request: Arguments
): Answer {
  const bytes = Buffer.from(answers[name] ?? '', 'base64').subarray(headBytes);
  return parserOf(api, request)(1, api.key, api.version, Reader.from(bytes)) as Answer;
}

/** Returns the parser that the library passes to the connection with the request. */
export function parserOf<Arguments extends unknown[], Answer>(
  api: API<Arguments, Answer>,
  request: Arguments,
): ResponseParser<Answer> {
  let parser: ResponseParser<Answer> | undefined;
  const connection = {
    send: (_key: number, _version: number, _encode: unknown, parse: ResponseParser<Answer>) => (parser = parse),
  };
  // The request never gets a response.
  void api.async(connection as unknown as Connection, ...request);
  if (parser === undefined) throw new Error('the library does not hand over its parser any more');
  return parser;
}
