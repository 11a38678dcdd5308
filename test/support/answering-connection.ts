// Provides a connection to a Kafka broker that answers every request with the same recorded bytes.

import { Connection, Reader, type Writer } from '../../brokers/kafka/library.ts';

/** `sent`: key, version and body of the last request. */
export function answeringConnection(answer: Buffer) {
  const sent: { key?: number; version?: number; body?: Buffer } = {};
  const send: Connection['send'] = async (key, version, create, parse, _request, _response, done) => {
    const { buffer } = (await create()) as Writer;
    Object.assign(sent, { key, version, body: buffer });
    done(null, await parse(1, key, version, Reader.from(answer)));
  };
  return { sent, connection: Object.assign(new Connection('test'), { send }) };
}
