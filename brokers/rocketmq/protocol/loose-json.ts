// Parses JSON as fastjson writes it: keys of any type and exact 64-bit numbers.

import { AppError } from '../../../core/errors.ts';

/*
 * Output of fastjson 1.x that is not JSON, apache/rocketmq/issues/3389 and 1506:
 *
 *   {0:"10.0.0.1:10911",1:"10.0.0.2:10911"}             keys of type Integer and Long are bare
 *   {{"brokerName":"a","queueId":0,"topic":"t"}:{…}}    keys of other types are objects
 *   9223372036854775807                                 Long.MAX_VALUE as digits
 *   {"$ref":"$.a"}                                      reference to an earlier instance: read as a plain object
 *
 * Java's NaN and infinities arrive as null; their names in Java are read as null too.
 */

/** Integers beyond 2^53 are bigints. Objects keep the order of their entries, and keys of any type. */
export type LooseJson = null | boolean | number | bigint | string | readonly LooseJson[] | LooseObject;

/** Limit of nesting; real bodies nest seven deep at most. */
const deepest = 64;
/** A frame of 16 MiB full of `0:123456,` holds 3.3 million; without a limit, `[],` would take twenty times its size. */
const mostValues = 5_000_000;

export class LooseObject {
  readonly entries: readonly (readonly [key: LooseJson, value: LooseJson])[];

  constructor(entries: readonly (readonly [key: LooseJson, value: LooseJson])[]) {
    this.entries = entries;
  }

  /** @returns the value of a key that is text; undefined when absent or null */
  get(name: string): Exclude<LooseJson, null> | undefined {
    return this.entries.findLast(([key]) => key === name)?.[1] ?? undefined;
  }

  /** @throws AppError answer-unreadable when the value has another type; so do all methods below */
  text(name: string): string | undefined {
    const value = this.get(name);
    return value === undefined || typeof value === 'string' ? value : misfit(name, 'text', value);
  }

  /** Returns a double, for small counts and measured values. */
  number(name: string): number | undefined {
    const value = this.get(name);
    if (typeof value === 'bigint') return Number(value);
    return value === undefined || typeof value === 'number' ? value : misfit(name, 'a number', value);
  }

  /** Returns an exact integer, for offsets, positions and times. */
  bigint(name: string): bigint | undefined {
    const value = this.get(name);
    return value === undefined ? value : (exactOf(value) ?? misfit(name, 'a whole number', value));
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    return value === undefined || typeof value === 'boolean' ? value : misfit(name, 'true or false', value);
  }

  object(name: string): LooseObject | undefined {
    const value = this.get(name);
    return value === undefined || value instanceof LooseObject ? value : misfit(name, 'an object', value);
  }

  list(name: string): readonly LooseJson[] | undefined {
    const value = this.get(name);
    return value === undefined || isList(value) ? value : misfit(name, 'a list', value);
  }

  /** Returns the members that are objects, under text keys; none if the object is absent. */
  members(name: string): (readonly [key: string, value: LooseObject])[] {
    return (this.object(name)?.entries ?? []).flatMap(([key, value]) =>
      typeof key === 'string' && value instanceof LooseObject ? [[key, value] as const] : [],
    );
  }

  /** Returns the items of a list that are objects; none if the list is absent. */
  rows(name: string): LooseObject[] {
    return (this.list(name) ?? []).filter((item) => item instanceof LooseObject);
  }

  /** Returns the items of a list that are text; none if the list is absent. */
  texts(name: string): string[] {
    return (this.list(name) ?? []).filter((item) => typeof item === 'string');
  }
}

export const isList = (value: LooseJson): value is readonly LooseJson[] => Array.isArray(value);

/** @returns undefined unless the value is a whole number */
export function exactOf(value: LooseJson): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Parses a numeric key: bare as fastjson writes it, or text as in standard JSON. */
export function wholeNumberOf(key: LooseJson): number | undefined {
  if (typeof key === 'number' && Number.isInteger(key)) return key;
  return typeof key === 'string' && /^-?\d{1,15}$/.test(key) ? Number(key) : undefined;
}

/** @throws AppError answer-unreadable, with the position of the error */
export function parseLooseJson(body: Buffer): LooseJson {
  return new Reader(body).whole();
}

/** Parses a body that is an object, as all answers are. @throws AppError answer-unreadable */
export function parseLooseObject(body: Buffer): LooseObject {
  const value = parseLooseJson(body);
  if (value instanceof LooseObject) return value;
  throw new AppError('answer-unreadable', `expected an object, got ${kindOf(value)}`);
}

function misfit(name: string, expected: string, value: LooseJson): never {
  throw new AppError('answer-unreadable', `${name} should be ${expected}, but is ${kindOf(value)}`);
}

function kindOf(value: LooseJson): string {
  if (value === null) return 'null';
  if (value instanceof LooseObject) return 'an object';
  if (isList(value)) return 'a list';
  return typeof value === 'string' ? 'text' : typeof value === 'boolean' ? String(value) : `the number ${value}`;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Only fastjson has the escapes `\0` to `\7`, `\v` and `\'`. */
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((code) => [String(code), String.fromCharCode(code)])),
};

const literals: Readonly<Record<string, LooseJson>> = {
  true: true,
  false: false,
  null: null,
  NaN: null,
  Infinity: null,
  '-Infinity': null,
};

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  #depth = 0;
  #values = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  whole(): LooseJson {
    const value = this.#value();
    if (this.#next() !== undefined) this.#refuse('text after the end');
    return value;
  }

  #refuse(what: string): never {
    throw new AppError('answer-unreadable', `${what} at byte ${this.#at} of ${this.#bytes.length}`);
  }

  /** Returns the next byte that is not white space, without consuming it. */
  #next(): number | undefined {
    let byte = this.#bytes[this.#at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = this.#bytes[++this.#at];
    return byte;
  }

  #value(): LooseJson {
    if (++this.#values > mostValues) this.#refuse(`more than ${mostValues} values`);
    switch (this.#next()) {
      case quote:
        return this.#text();
      case openBrace:
        return this.#nested(() => this.#object());
      case openBracket:
        return this.#nested(() => this.#list());
      default:
        return this.#word();
    }
  }

  #nested<T>(read: () => T): T {
    if (++this.#depth > deepest) this.#refuse(`nested deeper than ${deepest}`);
    this.#at += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): LooseObject {
    const entries: [LooseJson, LooseJson][] = [];
    while (this.#goesOn(closeBrace, entries.length)) {
      const key = this.#value();
      if (this.#next() !== colon) this.#refuse('no colon after a key');
      this.#at += 1;
      entries.push([key, this.#value()]);
    }
    return new LooseObject(entries);
  }

  #list(): LooseJson[] {
    const items: LooseJson[] = [];
    while (this.#goesOn(closeBracket, items.length)) items.push(this.#value());
    return items;
  }

  /** Consumes the comma before the next item, or the end; returns whether an item follows. */
  #goesOn(end: number, items: number): boolean {
    const byte = this.#next();
    if (byte === end) {
      this.#at += 1;
      return false;
    }
    if (items === 0) return true;
    if (byte !== comma) this.#refuse(byte === undefined ? 'cut off' : 'no comma between two items');
    this.#at += 1;
    return true;
  }

  #text(): string {
    const start = ++this.#at;
    let isPlain = true;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === quote) break;
      if (byte === undefined) this.#refuse('cut off');
      if (byte === backslash) return this.#escapedText(start);
      if (byte > 0x7f) isPlain = false;
      this.#at += 1;
    }
    // toString copies the text; a slice would keep the whole body in memory.
    return this.#bytes.toString(isPlain ? 'latin1' : 'utf8', start, this.#at++);
  }

  #escapedText(start: number): string {
    const parts: string[] = [];
    let from = start;
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) this.#refuse('cut off');
      if (byte !== quote && byte !== backslash) {
        this.#at += 1;
        continue;
      }
      parts.push(this.#bytes.toString('utf8', from, this.#at++));
      if (byte === quote) return parts.join('');
      parts.push(this.#escaped());
      from = this.#at;
    }
  }

  #escaped(): string {
    const letter = this.#bytes.toString('latin1', this.#at, this.#at + 1);
    if (letter === '') this.#refuse('cut off');
    this.#at += 1;
    const digits = letter === 'u' ? 4 : letter === 'x' ? 2 : 0;
    if (digits === 0) return escapes[letter] ?? this.#refuse(`unknown escape ${JSON.stringify(letter)}`);
    const hex = this.#bytes.toString('latin1', this.#at, this.#at + digits);
    if (hex.length < digits || !/^[\da-f]+$/i.test(hex)) this.#refuse('an escape without digits');
    this.#at += digits;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  /** Reads a number or literal; none is longer than a double of 17 digits, sign, point and exponent. */
  #word(): LooseJson {
    const start = this.#at;
    let byte = this.#bytes[this.#at];
    // Most numbers are offsets of few digits, which need no intermediate string.
    let digits = 0;
    while (isDigit(byte) && this.#at - start < 16) {
      digits = digits * 10 + byte - 0x30;
      byte = this.#bytes[++this.#at];
    }
    const length = this.#at - start;
    if (length > 0 && length < 16 && !isWordByte(byte)) return digits;
    while (isWordByte(byte) && this.#at - start < 40) byte = this.#bytes[++this.#at];
    const word = this.#bytes.toString('latin1', start, this.#at);
    const value = /^-?\d/.test(word) ? numberOf(word) : Object.hasOwn(literals, word) ? literals[word] : undefined;
    if (value !== undefined) return value;
    this.#at = start;
    return this.#refuse(this.#bytes[start] === undefined ? 'cut off' : 'neither value nor key');
  }
}

const isDigit = (byte: number | undefined): byte is number => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** Whether a byte is a letter, digit, plus, minus or point. */
const isWordByte = (byte: number | undefined): byte is number =>
  isDigit(byte) ||
  (byte !== undefined &&
    ((byte >= 0x61 && byte <= 0x7a) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      byte === 0x2b ||
      byte === 0x2d ||
      byte === 0x2e));

/** Returns null for a number beyond the largest double. */
function numberOf(word: string): number | bigint | null | undefined {
  if (/^-?\d+$/.test(word)) {
    const value = Number(word);
    return Number.isSafeInteger(value) ? value : BigInt(word);
  }
  if (!/^-?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(word)) return undefined;
  const value = Number(word);
  return Number.isFinite(value) ? value : null;
}

/** Writes standard JSON: keys of every type become text. */
export function standardJson(value: LooseJson): string {
  if (value instanceof LooseObject) {
    const members = value.entries.map(([key, member]) => `${JSON.stringify(keyText(key))}:${standardJson(member)}`);
    return `{${members.join(',')}}`;
  }
  if (isList(value)) return `[${value.map(standardJson).join(',')}]`;
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

const keyText = (key: LooseJson) => (typeof key === 'string' ? key : standardJson(key));
