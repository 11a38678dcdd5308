// Recognizes a successful answer and its request number in place, without decoding the header.

/*
 * JSON    {"code":0,…,"opaque":1234,…}: brokers write the keys in the order of their names. Quotes in text are escaped,
 *         and fields are always texts, so a digit after "opaque": belongs to the request number.
 * Binary  code int16, language int8, version int16, opaque int32
 */

const codeZero = Buffer.from('{"code":0,');
const opaqueKey = Buffer.from('"opaque":');
const lastOfKey = opaqueKey.length - 1;
const [colon, digit0, digit9] = [0x3a, 0x30, 0x39];

/**
 * @param from the byte after the length of the frame
 * @returns the request number; undefined when only the decoded header can show success
 */
export function successOf(bytes: Buffer, from: number, to: number): number | undefined {
  const headerAt = from + 4;
  const headerEnd =
    headerAt + (((bytes[from + 1] ?? 0) << 16) | ((bytes[from + 2] ?? 0) << 8) | (bytes[from + 3] ?? 0));
  if (headerEnd > to) return undefined;
  if (bytes[from] === 1) {
    if (headerEnd - headerAt < 9 || bytes[headerAt] !== 0 || bytes[headerAt + 1] !== 0) return undefined;
    return bytes.readInt32BE(headerAt + 5);
  }
  if (bytes[from] !== 0 || !isAt(bytes, headerAt, codeZero)) return undefined;
  for (let at = headerEnd - 2; at > headerAt + codeZero.length + lastOfKey; at--) {
    if (bytes[at] !== colon || !isAt(bytes, at - lastOfKey, opaqueKey)) continue;
    const opaque = digitsAt(bytes, at + 1);
    if (opaque !== undefined) return opaque;
  }
  return undefined;
}

function isAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  for (let index = wanted.length - 1; index >= 0; index--) if (bytes[at + index] !== wanted[index]) return false;
  return true;
}

function digitsAt(bytes: Buffer, from: number): number | undefined {
  let value = 0;
  let at = from;
  for (let digit = bytes[at] ?? 0; digit >= digit0 && digit <= digit9; digit = bytes[++at] ?? 0) {
    value = value * 10 + (digit - digit0);
  }
  return at === from ? undefined : value;
}
