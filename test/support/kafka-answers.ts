// Reads answers that a Kafka 4.3.1 broker gave, as the client library hands them to a parser.

import { readFileSync } from 'node:fs';
import { Reader, type API, type Connection, type ResponseParser } from '@platformatic/kafka';

const { answers } = JSON.parse(
  readFileSync(new URL('../fixtures/wire/kafka/answers-4.3.1.json', import.meta.url), 'utf8'),
) as { answers: Record<string, string> };

/** What stands before an answer: size int32, correlation id int32, tags. */
const headBytes = 9;

/** @param request any that fits: it is never sent */
export function readCaptured<Arguments extends unknown[], Answer>(
  name: string,
  api: API<Arguments, Answer>,
  ...request: Arguments
): Answer {
  const bytes = Buffer.from(answers[name] ?? '', 'base64').subarray(headBytes);
  return parserOf(api, request)(1, api.key, api.version, Reader.from(bytes)) as Answer;
}

/** The library hands it to the connection with the request. */
export function parserOf<Arguments extends unknown[], Answer>(
  api: API<Arguments, Answer>,
  request: Arguments,
): ResponseParser<Answer> {
  let parser: ResponseParser<Answer> | undefined;
  const connection = {
    send: (_key: number, _version: number, _encode: unknown, parse: ResponseParser<Answer>) => (parser = parse),
  };
  // It is never answered.
  void api.async(connection as unknown as Connection, ...request);
  if (parser === undefined) throw new Error('the library does not hand over its parser any more');
  return parser;
}
