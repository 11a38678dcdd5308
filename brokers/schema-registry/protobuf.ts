// Decodes Protobuf to JSON text, with the file that defines the messages.

import protobuf from 'protobufjs';
import { readMessageIndexes } from './framing.ts';
import type { ReadSchema } from './registry-client.ts';

const keepNames = { keepCase: true };

/**
 * @returns JSON text in the JSON mapping of Protobuf: 64-bit integers as text, bytes as base64, enums by name. @throws
 * Error for content that does not match
 */
export function createProtobufDecoder({ schema, references }: ReadSchema): (content: Buffer) => string {
  const root = new protobuf.Root();
  const added = new Set(references.map(({ name }) => name));
  for (const each of references) addFile(root, each.schema, added);
  const own = addFile(root, schema, added);
  root.resolveAll();
  return (content) => {
    const { indexes, rest } = readMessageIndexes(content);
    const type = root.lookupType(nameAt(own, indexes));
    return JSON.stringify(type.toObject(type.decode(rest), { longs: String, enums: String, bytes: String }));
  };
}

/** @param added import paths that were added, each once. @returns the file alone, with its messages in their order */
function addFile(root: protobuf.Root, source: string, added: Set<string>): protobuf.Namespace {
  const { imports = [], weakImports = [] } = protobuf.parse(source, root, keepNames);
  for (const name of [...imports, ...weakImports]) addBuiltIn(root, name, added);
  const alone = protobuf.parse(source, new protobuf.Root(), keepNames);
  const { package: named } = alone;
  const namespace = named === undefined || named === '' ? alone.root : alone.root.lookup(named);
  if (!(namespace instanceof protobuf.Namespace)) throw new Error(`the schema has no package ${named}`);
  return namespace;
}

/** Adds a type that the registry knows, which is a reference only if the producer sets skip.known.types=false. */
function addBuiltIn(root: protobuf.Root, name: string, added: Set<string>): void {
  if (added.has(name)) return;
  added.add(name);
  const wellKnown = protobuf.common.get(name);
  if (wellKnown?.nested !== undefined) root.addJSON(wellKnown.nested);
  const source = builtInProtos.get(name);
  if (source !== undefined) addFile(root, source, added);
}

function nameAt(file: protobuf.Namespace, indexes: readonly number[]): string {
  let within: protobuf.Namespace = file;
  for (const index of indexes) {
    const found = within.nestedArray.filter((each) => each instanceof protobuf.Type)[index];
    if (found === undefined) throw new Error(`the schema has no message type ${indexes.join('.')}`);
    within = found;
  }
  return within.fullName;
}

/** Files by import path: from googleapis google/type, and from confluentinc/schema-registry protobuf-types. */
const builtInProtos: ReadonlyMap<string, string> = new Map(
  Object.entries({
    // Only what custom options extend.
    'google/protobuf/descriptor.proto': `syntax = "proto2"; package google.protobuf;
      message FileOptions {} message MessageOptions {} message FieldOptions {} message OneofOptions {}
      message EnumOptions {} message EnumValueOptions {} message ServiceOptions {} message MethodOptions {}`,
    'confluent/meta.proto': `syntax = "proto3"; package confluent;
      message Meta { string doc = 1; map<string, string> params = 2; repeated string tags = 3; repeated Rule rules = 4; }
      message Rule { string name = 1; string doc = 2; string expr = 3; string sql = 4; }`,
    'confluent/type/decimal.proto': `syntax = "proto3"; package confluent.type;
      message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
    'confluent/type/variant.proto': `syntax = "proto3"; package confluent.type;
      message Variant { bytes metadata = 1; bytes value = 2; }`,
    ...googleTypes({
      calendar_period: `enum CalendarPeriod { CALENDAR_PERIOD_UNSPECIFIED = 0;
        DAY = 1; WEEK = 2; FORTNIGHT = 3; MONTH = 4; QUARTER = 5; HALF = 6; YEAR = 7; }`,
      color: `import "google/protobuf/wrappers.proto";
        message Color { float red = 1; float green = 2; float blue = 3; google.protobuf.FloatValue alpha = 4; }`,
      date: 'message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
      datetime: `import "google/protobuf/duration.proto";
        message DateTime { int32 year = 1; int32 month = 2; int32 day = 3; int32 hours = 4; int32 minutes = 5; int32 seconds = 6;
          int32 nanos = 7; oneof time_offset { google.protobuf.Duration utc_offset = 8; TimeZone time_zone = 9; } }
        message TimeZone { string id = 1; string version = 2; }`,
      dayofweek: `enum DayOfWeek { DAY_OF_WEEK_UNSPECIFIED = 0;
        MONDAY = 1; TUESDAY = 2; WEDNESDAY = 3; THURSDAY = 4; FRIDAY = 5; SATURDAY = 6; SUNDAY = 7; }`,
      decimal: 'message Decimal { string value = 1; }',
      expr: 'message Expr { string expression = 1; string title = 2; string description = 3; string location = 4; }',
      fraction: 'message Fraction { int64 numerator = 1; int64 denominator = 2; }',
      interval: `import "google/protobuf/timestamp.proto";
        message Interval { google.protobuf.Timestamp start_time = 1; google.protobuf.Timestamp end_time = 2; }`,
      latlng: 'message LatLng { double latitude = 1; double longitude = 2; }',
      money: 'message Money { string currency_code = 1; int64 units = 2; int32 nanos = 3; }',
      month: `enum Month { MONTH_UNSPECIFIED = 0; JANUARY = 1; FEBRUARY = 2; MARCH = 3; APRIL = 4; MAY = 5; JUNE = 6;
        JULY = 7; AUGUST = 8; SEPTEMBER = 9; OCTOBER = 10; NOVEMBER = 11; DECEMBER = 12; }`,
      phone_number: `message PhoneNumber { message ShortCode { string region_code = 1; string number = 2; }
        oneof kind { string e164_number = 1; ShortCode short_code = 2; } string extension = 3; }`,
      postal_address: `message PostalAddress { int32 revision = 1; string region_code = 2; string language_code = 3;
        string postal_code = 4; string sorting_code = 5; string administrative_area = 6; string locality = 7;
        string sublocality = 8; repeated string address_lines = 9; repeated string recipients = 10; string organization = 11; }`,
      quaternion: 'message Quaternion { double x = 1; double y = 2; double z = 3; double w = 4; }',
      timeofday: 'message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
    }),
  }),
);

function googleTypes(bodies: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(bodies).map(([name, body]) => [
      `google/type/${name}.proto`,
      `syntax = "proto3"; package google.type; ${body}`,
    ]),
  );
}
