// Decodes values in Confluent's wire format to JSON, with schemas from the cluster's registry.

import { AppError } from '../../core/errors.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import type { Io } from '../driver.ts';
import type { SchemaRegistryConfig } from './config.ts';
import { readFrame } from './framing.ts';
import { createRegistryClient, type ReadSchema, type RegistryClient } from './registry-client.ts';

export type DecodedValue =
  | { kind: 'decoded'; schemaId: number; schemaType: string; json: string }
  /** The value is shown as bytes. */
  | { kind: 'not-decoded'; schemaId: number; reason: string };

export interface ValueDecoder {
  /** @returns undefined for a value without the frame */
  decode(value: Buffer | undefined, io: Io): Promise<DecodedValue | undefined>;
}

/** Limit of a decoded value; larger ones are shown as bytes, because decoding blocks the thread. */
const mostBytes = 2 ** 20;
const mostKept = 500;

type Decode = (content: Buffer) => string;

/** Libraries are loaded on demand. */
const decoders: Readonly<Record<string, (schema: ReadSchema) => Promise<Decode>>> = {
  AVRO: async (schema) => (await import('./avro.ts')).createAvroDecoder(schema),
  PROTOBUF: async (schema) => (await import('./protobuf.ts')).createProtobufDecoder(schema),
  JSON: async () => (content) => {
    const text = content.toString('utf8');
    // The error of JSON.parse quotes the text, which may have fields that must be masked.
    if (parseJson(text) === undefined) throw new Error('it is not JSON');
    return text;
  },
};

/** @returns undefined without a registry */
export const valueDecoderOf = ({
  schemaRegistry,
}: {
  schemaRegistry?: SchemaRegistryConfig | undefined;
}): ValueDecoder | undefined => schemaRegistry && createValueDecoder(createRegistryClient(schemaRegistry));

export function createValueDecoder(registry: RegistryClient): ValueDecoder {
  const made = new Map<number, { schemaType: string; decode: Decode }>();

  async function decoderOf(schemaId: number, io: Io) {
    const known = made.get(schemaId);
    if (known !== undefined) return known;
    const schema = await registry.schema(schemaId, io);
    const create = Object.hasOwn(decoders, schema.type) ? decoders[schema.type] : undefined;
    if (create === undefined) throw new Error(`schemas of type ${schema.type} are not supported`);
    const decoder = { schemaType: schema.type, decode: await create(schema) };
    const [oldest] = made.keys();
    if (made.size >= mostKept && oldest !== undefined) made.delete(oldest);
    made.set(schemaId, decoder);
    return decoder;
  }

  return {
    async decode(value, io) {
      const framed = value && readFrame(value);
      if (framed === undefined) return undefined;
      const { schemaId, content } = framed;
      if (content.length > mostBytes) {
        return { kind: 'not-decoded', schemaId, reason: `the value is larger than ${mostBytes} bytes` };
      }
      try {
        const { schemaType, decode } = await decoderOf(schemaId, io);
        return { kind: 'decoded', schemaId, schemaType, json: decode(content) };
      } catch (cause) {
        io.signal.throwIfAborted();
        const { message } = cause as Error;
        const reason = cause instanceof AppError ? message : `schema ${schemaId} does not decode it: ${message}`;
        return { kind: 'not-decoded', schemaId, reason };
      }
    },
  };
}
