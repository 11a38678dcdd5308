// Encodes RocketMQ's binary header, which the product only decodes.

import type { Frame } from '../../brokers/rocketmq/protocol/frame.ts';

/** Encodes the whole frame, with a header of serialize type ROCKETMQ as in frame-codec.ts. */
export function encodeBinaryFrame({ code, opaque, isResponse, isOneWay, remark, fields, body }: Frame): Buffer {
  const fieldBytes = Buffer.concat(
    Object.entries(fields).map(([name, value]) => Buffer.concat([sized(name, 2), sized(value, 4)])),
  );
  const fixed = Buffer.alloc(13);
  fixed.writeInt16BE(code, 0);
  fixed.writeInt16BE(407, 3);
  fixed.writeInt32BE(opaque, 5);
  fixed.writeInt32BE((isResponse ? 1 : 0) | (isOneWay ? 2 : 0), 9);
  const header = Buffer.concat([fixed, sized(remark ?? '', 4), int(fieldBytes.length, 4), fieldBytes]);
  return Buffer.concat([int(4 + header.length + body.length, 4), int((1 << 24) | header.length, 4), header, body]);
}

function sized(text: string, lengthBytes: 2 | 4): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int(bytes.length, lengthBytes), bytes]);
}

function int(value: number, length: 2 | 4): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeIntBE(value, 0, length);
  return bytes;
}
