// Provides a connection to a Kafka broker that answers every request with the same recorded bytes.

import { Connection, Reader } from '../../brokers/kafka/library.ts';

/** `sent`: key, version and body of the last request. */
export function answeringConnection(answer: Buffer) {
  const sent: { key?: number; version?: number; body?: Buffer } = {};
  const send: Connection['send'] = (key, version, create, parse, _request, _response, done) => {
    const respond = async () => {
      Object.assign(sent, { key, version, body: (await create()).buffer });
      done(null, await parse(1, key, version, Reader.from(answer)));
    };
    void respond();
  };
  return { sent, connection: Object.assign(new Connection('test'), { send }) };
}
