// Implements a RocketMQ name server and master that store nothing and provide every queue of any topic.

import { decodeFrame, encodeFrame } from '../../../brokers/rocketmq/protocol/frame-codec.ts';
import { flags } from '../../../brokers/rocketmq/protocol/json-header.ts';
import type { NullBroker, NullBrokerOptions } from './framed-server.ts';

/*
 * Sends have a binary header (brokers/rocketmq/protocol/send-frame.ts), and so do their responses, so only the request
 * number is patched in. All other requests use JSON and the codecs.
 *
 * request   header length int32 (type in the highest 8 bits), code int16, language int8, version int16, opaque int32,
 *           flag int32, …
 */
const [opaqueAt, flagAt] = [9, 13];
const binaryType = 1;

const codes = { getRoute: 105, getClusterInfo: 106 } as const;

/** 127.0.0.1:10911 and an offset, the format of broker message ids (MessageDecoder.createMessageId). */
const stored = { msgId: '7F00000100002A9F0000000000000000', queueId: '0', queueOffset: '0' };

export function createNullRocketmq({ partitions, address }: NullBrokerOptions): NullBroker {
  const success = binarySuccess();
  const answered = (opaque: number, body: unknown, fields: Record<string, string> = {}) =>
    encodeFrame({
      code: 0,
      opaque,
      isResponse: true,
      isOneWay: false,
      fields,
      body: body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body)),
    });

  return (frame) => {
    if (frame[0] === binaryType && frame.length >= flagAt + 4) {
      if ((frame.readInt32BE(flagAt) & flags.oneWay) !== 0) return undefined;
      const answer = Buffer.from(success);
      frame.copy(answer, 4 + opaqueAt, opaqueAt, opaqueAt + 4);
      return answer;
    }
    const { code, opaque, isOneWay, isResponse } = decodeFrame(frame);
    if (isOneWay || isResponse) return undefined;
    const [host, port] = address();
    const master = { brokerAddrs: { 0: `${host}:${port}` }, brokerName: 'null', cluster: 'null' };
    switch (code) {
      case codes.getRoute:
        return answered(opaque, {
          brokerDatas: [master],
          queueDatas: [{ brokerName: 'null', perm: 6, readQueueNums: partitions, writeQueueNums: partitions }],
        });
      case codes.getClusterInfo:
        return answered(opaque, { brokerAddrTable: { null: master }, clusterAddrTable: { null: ['null'] } });
      default:
        return answered(opaque, undefined, stored);
    }
  };
}

/** Builds the success response in the format that frame-codec.ts reads. */
function binarySuccess(): Buffer {
  const fields = Buffer.concat(
    Object.entries(stored).map(([name, value]) => {
      const field = Buffer.alloc(2 + name.length + 4 + value.length);
      field.writeInt16BE(name.length, 0);
      field.write(name, 2);
      field.writeInt32BE(value.length, 2 + name.length);
      field.write(value, 6 + name.length);
      return field;
    }),
  );
  const head = Buffer.alloc(29);
  head.writeInt32BE(head.length - 4 + fields.length, 0);
  head.writeInt32BE((binaryType << 24) | (head.length - 8 + fields.length), 4);
  head.writeInt32BE(flags.response, 4 + flagAt);
  head.writeInt32BE(fields.length, 25);
  return Buffer.concat([head, fields]);
}
