// Decodes Avro to JSON text, with the writer's schema.

import avsc from 'avsc';
import { rawJSON } from '../../core/text/raw-json.ts';
import type { ReadSchema } from './registry-client.ts';

/**
 * @returns JSON text; 64-bit integers with all digits, bytes as hex, decimals as text. @throws Error for content that
 * does not match
 */
export function createAvroDecoder({ schema, references }: ReadSchema): (content: Buffer) => string {
  const registry: Record<string, avsc.Type> = {};
  const options = { registry, logicalTypes: { decimal: Decimal }, typeHook: longHook };
  for (const each of references) avsc.Type.forSchema(schemaOf(each.schema), options);
  const type = avsc.Type.forSchema(schemaOf(schema), options);
  refuseUnbounded(type, new Set());
  return (content) => JSON.stringify(type.fromBuffer(content), (_, value: unknown) => shown(value));
}

/**
 * A schema may be a bare name: `"string"`, and in old registries `string`. Defaults are removed, because the writer's
 * schema needs none, and those of decimals cannot be converted.
 */
function schemaOf(text: string): avsc.Schema {
  try {
    return JSON.parse(text, (name, value: unknown) => (name === 'default' ? undefined : value)) as avsc.Schema;
  } catch {
    return text;
  }
}

/** Reads longs as bigints, because JavaScript numbers are exact only up to 2^53. */
const bigLong = avsc.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer(value: bigint) {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (one: bigint, other: bigint) => (one === other ? 0 : one < other ? -1 : 1),
});

function longHook(schema: unknown): avsc.Type | undefined {
  const isLong =
    schema === 'long' || (typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'long');
  return isLong ? bigLong : undefined;
}

const mostScale = 1000;

/** Unscaled value as a two's complement, big-endian integer. */
class Decimal extends avsc.types.LogicalType {
  readonly #scale: number;

  constructor(schema: avsc.Schema, options?: object) {
    super(schema, options);
    const scale = typeof schema === 'object' && 'scale' in schema ? Number(schema.scale) : 0;
    if (!Number.isInteger(scale) || scale < 0 || scale > mostScale) throw new Error(`a decimal has the scale ${scale}`);
    this.#scale = scale;
  }

  protected override _fromValue(bytes: Buffer): string {
    const unsigned = BigInt(`0x${bytes.toString('hex') || '0'}`);
    const value = BigInt.asIntN(Math.max(1, bytes.length * 8), unsigned);
    const digits = String(value < 0n ? -value : value).padStart(this.#scale + 1, '0');
    const point = digits.length - this.#scale;
    return `${value < 0n ? '-' : ''}${digits.slice(0, point)}${this.#scale > 0 ? `.${digits.slice(point)}` : ''}`;
  }

  protected override _toValue(): never {
    throw new Error('values are only read');
  }
}

function shown(value: unknown): unknown {
  if (typeof value === 'bigint') return rawJSON(String(value));
  // Buffer.toJSON has been called before.
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value) {
    return `0x${Buffer.from(value.data as number[]).toString('hex')}`;
  }
  return value;
}

/** Refuses arrays whose items take no bytes, because a few bytes could claim any number of them. @throws Error */
function refuseUnbounded(type: avsc.Type, seen: Set<avsc.Type>): void {
  if (seen.has(type)) return;
  seen.add(type);
  if (type instanceof avsc.types.ArrayType && isEmptyOnWire(type.itemsType, new Set())) {
    throw new Error('the schema has an array of items without bytes, so its length is unbounded');
  }
  for (const part of partsOf(type)) refuseUnbounded(part, seen);
}

function partsOf(type: avsc.Type): avsc.Type[] {
  if (type instanceof avsc.types.ArrayType) return [type.itemsType];
  if (type instanceof avsc.types.MapType) return [type.valuesType];
  if (type instanceof avsc.types.RecordType) return type.fields.map((field) => field.type);
  if (type instanceof avsc.types.UnwrappedUnionType || type instanceof avsc.types.WrappedUnionType)
    return [...type.types];
  return type instanceof avsc.types.LogicalType ? [type.underlyingType] : [];
}

function isEmptyOnWire(type: avsc.Type, seen: Set<avsc.Type>): boolean {
  if (type instanceof avsc.types.NullType) return true;
  if (type instanceof avsc.types.FixedType) return type.size === 0;
  if (type instanceof avsc.types.LogicalType) return isEmptyOnWire(type.underlyingType, seen);
  if (!(type instanceof avsc.types.RecordType) || seen.has(type)) return false;
  seen.add(type);
  return type.fields.every((field) => isEmptyOnWire(field.type, seen));
}
